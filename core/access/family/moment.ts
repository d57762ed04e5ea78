/** What a family knows of the batch that it is told of, while it goes through one run of references. */
import { Digest } from '../../base/digest.ts';
import type { Outcomes } from '../../outcome/outcome.ts';
import { TLB_MASK } from '../../outcome/outcome.ts';
import { accessHash } from '../../outcome/outcome-digest.ts';
import type { Drops } from './drops.ts';

const hashed = new Digest();

export class Moment {
  cpu = 0;
  drops!: Drops;
  /** Number of the batch's first event. */
  firstEvent = 0;
  /** By index in the batch: what an event took without its translation. */
  restNs = new Float64Array(0);
  private flags: Outcomes['flags'] = new Uint8Array(0);

  begin(firstEvent: number, { count, flags, latencyNs }: Outcomes): void {
    this.firstEvent = firstEvent;
    if (this.restNs.length < count) this.restNs = new Float64Array(count);
    for (let at = 0; at < count; at++) this.restNs[at] = latencyNs[at]!;
    this.flags = flags;
  }

  /** The flags of an event without how it was translated. */
  otherFlags(event: number): number {
    return this.flags[event]! & ~TLB_MASK;
  }

  /** What an event adds to the digest of outcomes when it was translated so; the result is written over by the next. */
  hash(event: number, translation: number, ns: number): Digest {
    const flags = this.otherFlags(event) | translation;
    accessHash(this.firstEvent + event, flags, this.restNs[event]! + ns, hashed);
    return hashed;
  }
}
