/** What a first level could not serve of a run: the references that go on to the second level. */
import type { Costs } from '../../base/cost.ts';
import { TLB_L2 } from '../../outcome/outcome.ts';
import { REF_LACKING } from '../../tlb/reference-log.ts';
import { REF_SHIFT, REF_STORE } from '../../tlb/run.ts';
import type { Moment } from './moment.ts';
import { References } from './references.ts';

export class Below extends References {
  /** What setting the dirty bit of another page of the same event took, in the first level. */
  plusNs = new Float64Array(0);
  /** Whether the next reference is of another event. */
  isLast = new Uint8Array(0);
  /** Of a reference that the second level has: what that takes, and what its event adds to the digest if it is all of it. */
  hitNs = new Float64Array(0);
  hitLow = new Int32Array(0);
  hitHigh = new Int32Array(0);

  override reserve(capacity: number): void {
    super.reserve(capacity);
    if (this.plusNs.length >= capacity) return;
    this.plusNs = new Float64Array(2 * capacity);
    this.isLast = new Uint8Array(2 * capacity);
    this.hitNs = new Float64Array(2 * capacity);
    this.hitLow = new Int32Array(2 * capacity);
    this.hitHigh = new Int32Array(2 * capacity);
  }

  push(key: number, ref: number, sort: number): void {
    const j = this.count++;
    this.keys[j] = key;
    this.refs[j] = ref;
    this.sorts[j] = sort;
    this.plusNs[j] = 0;
    this.isLast[j] = 0;
  }

  /** What hits take: known to be the same for all second levels that have the page. */
  timeHits({ l2TlbHitNs, walkReferenceNs }: Costs): void {
    const { count, refs, hitNs } = this;
    for (let j = 0; j < count; j++) {
      const setsDirty = (refs[j]! & REF_STORE) !== 0 && (refs[j]! & REF_LACKING) !== 0;
      hitNs[j] = l2TlbHitNs + (setsDirty ? walkReferenceNs : 0);
    }
  }

  hashHits(moment: Moment): void {
    const { count, refs, hitNs, plusNs, hitLow, hitHigh } = this;
    for (let j = 0; j < count; j++) {
      const { low, high } = moment.hash(refs[j]! >> REF_SHIFT, TLB_L2, hitNs[j]! + plusNs[j]!);
      hitLow[j] = low;
      hitHigh[j] = high;
    }
  }
}
