/** References on their way down through the TLBs of a family. */
import { keyTag, SIZE_CLASSES, tagSizeClass } from '../../tlb/keys.ts';
import { REF_EXECUTE } from '../../tlb/run.ts';

/** Sorts of references that may have arrays of their own: data by size class of the page, then instructions. */
export const NR_SORTS = 2 * SIZE_CLASSES;

export class References {
  keys = new Float64Array(0);
  /** As of a run, with REF_LACKING. */
  refs = new Int32Array(0);
  sorts = new Uint8Array(0);
  count = 0;

  reserve(capacity: number): void {
    if (this.keys.length >= capacity) return;
    this.keys = new Float64Array(2 * capacity);
    this.refs = new Int32Array(2 * capacity);
    this.sorts = new Uint8Array(2 * capacity);
  }

  /** References [first, end) of a log. */
  take(keys: Float64Array, refs: Int32Array, first: number, end: number): void {
    this.reserve(end - first);
    this.count = end - first;
    this.keys.set(keys.subarray(first, end));
    this.refs.set(refs.subarray(first, end));
    const { sorts } = this;
    for (let k = 0; k < this.count; k++) sorts[k] = sortOf(keys[first + k]!, refs[first + k]!);
  }
}

/** Some of the references, by position. */
export class Picked {
  at = new Int32Array(0);
  count = 0;

  /** Room for so many, and none there. */
  begin(capacity: number): void {
    if (this.at.length < capacity) this.at = new Int32Array(2 * capacity);
    this.count = 0;
  }

  pickAll(count: number): void {
    this.begin(count);
    for (let k = 0; k < count; k++) this.at[k] = k;
    this.count = count;
  }
}

function sortOf(key: number, ref: number): number {
  return tagSizeClass(keyTag(key)) + ((ref & REF_EXECUTE) === 0 ? 0 : SIZE_CLASSES);
}
