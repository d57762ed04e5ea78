/**
 * A run: page references of neighbouring accesses of one cpu, waiting for translation. Each is the key of its page
 * (keys.ts) and what it needs (`refs`).
 */

/** `refs` of a run: index of the event in its batch, shifted, and what the reference needs. */
export const REF_SHIFT = 5;
/** A fetch of an instruction. */
export const REF_EXECUTE = 1;
/** Stores to a page whose dirty bit is kept (user pages). */
export const REF_STORE = 2;
/** Between the stages of a model: hit in a TLB, but the dirty bit may have to be set. */
export const REF_CHECK_DIRTY = 4;
/** To a page of the kernel. */
export const REF_KERNEL = 8;
/** Between the stages of a model: a walk cache leaves one entry to be read. */
export const REF_SHORT_WALK = 16;

/** Page references waiting for translation. Reused from run to run. */
export class Run {
  keys: Float64Array;
  refs: Int32Array;
  count = 0;
  /** What the references left out amount to: repeats of the page before, second halves, time between them. */
  repeats = 0;
  continued = 0;
  thinkNs = 0;
  /** Of the references held and the repeats left out: instructions, pages of the kernel, and both. */
  fetches = 0;
  kernelPages = 0;
  kernelFetches = 0;

  constructor(capacity: number) {
    this.keys = new Float64Array(capacity);
    this.refs = new Int32Array(capacity);
  }

  reserve(capacity: number): void {
    if (this.keys.length >= capacity) return;
    this.keys = new Float64Array(capacity);
    this.refs = new Int32Array(capacity);
  }

  /** Forgets what it holds and counted. */
  clear(): void {
    this.count = 0;
    this.repeats = 0;
    this.continued = 0;
    this.thinkNs = 0;
    this.fetches = 0;
    this.kernelPages = 0;
    this.kernelFetches = 0;
  }

  push(key: number, ref: number): void {
    this.keys[this.count] = key;
    this.refs[this.count++] = ref;
  }
}
