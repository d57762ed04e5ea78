/**
 * The outcome digest: a fingerprint of what a machine made of a trace. It covers every outcome that is not a plain
 * first-level TLB hit, with the number of its event, so it does not depend on how the events were batched.
 */
import type { Outcomes } from './outcome.ts';
import { Digest } from './state/digest.ts';

export class OutcomeDigest {
  private readonly digest = new Digest();
  private events = 0;

  /** Takes in the outcomes of the next batch. */
  add(outcomes: Outcomes): void {
    const { count, status, flags, latencyNs, vpn, pfn } = outcomes;
    for (let at = 0; at < count; at++) {
      if (flags[at] === 0 && status[at] === 0 && latencyNs[at]! < 2) continue;
      const place = (this.events + at) * 4;
      this.digest.add(place, status[at]! * 256 + flags[at]!);
      this.digest.add(place + 1, latencyNs[at]!);
      if (vpn[at] !== 0) this.digest.add(place + 2, vpn[at]!);
      if (pfn[at] !== 0) this.digest.add(place + 3, pfn[at]!);
    }
    this.events += count;
  }

  toString(): string {
    return this.digest.toString();
  }
}
