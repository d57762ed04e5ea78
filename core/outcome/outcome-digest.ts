/**
 * The outcome digest: a fingerprint of what a machine made of a trace. It covers every outcome that has a status or
 * flags (all failures, faults, TLB misses and placements), with the number of its event, so it does not depend on how
 * the events were batched. What only took time shows in the clocks.
 */

import { Digest, highOf, pairHash } from '../base/digest.ts';
import type { Outcomes } from './outcome.ts';

/** What an outcome with this number of its event, status ok and no place adds to a digest; `flags` are not 0. */
export function accessHash(event: number, flags: number, latencyNs: number, into: Digest): void {
  const flagged = pairHash(event * 4, flags);
  const timed = pairHash(event * 4 + 1, latencyNs);
  into.low = (flagged + timed) | 0;
  into.high = (highOf(flagged) + highOf(timed)) | 0;
}

/** A value: taking in a batch makes another one. */
export class OutcomeDigest {
  private readonly digest = new Digest();
  private events = 0;

  /** That of everything so far and of the outcomes of the next batch. */
  with(outcomes: Outcomes): OutcomeDigest {
    const next = new OutcomeDigest();
    next.digest.merge(this.digest);
    next.events = this.events;
    next.add(outcomes);
    return next;
  }

  private add(outcomes: Outcomes): void {
    const { count, status, flags } = outcomes;
    const statusWords = new Uint32Array(status.buffer, status.byteOffset, status.length >> 2);
    const flagWords = new Uint32Array(flags.buffer, flags.byteOffset, flags.length >> 2);
    for (let word = 0; word < flagWords.length; word++) {
      if ((flagWords[word]! | statusWords[word]!) === 0) continue;
      const end = Math.min(4 * word + 4, count);
      for (let at = 4 * word; at < end; at++) if ((flags[at]! | status[at]!) !== 0) this.addOne(outcomes, at);
    }
    this.events += count;
  }

  private addOne(outcomes: Outcomes, at: number): void {
    const { status, flags, latencyNs } = outcomes;
    const place = (this.events + at) * 4;
    const vpn = outcomes.vpnAt(at);
    const pfn = outcomes.pfnAt(at);
    this.digest.add(place, status[at]! * 256 + flags[at]!);
    this.digest.add(place + 1, latencyNs[at]!);
    if (vpn !== 0) this.digest.add(place + 2, vpn);
    if (pfn !== 0) this.digest.add(place + 3, pfn);
  }

  /** With other outcomes in the place of some that were taken in. */
  replacing(taken: Digest, others: Digest): OutcomeDigest {
    const next = new OutcomeDigest();
    next.digest.merge(this.digest);
    next.digest.subtract(taken);
    next.digest.merge(others);
    next.events = this.events;
    return next;
  }

  toString(): string {
    return this.digest.toString();
  }
}
