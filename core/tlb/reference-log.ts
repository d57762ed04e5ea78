/**
 * What the TLBs were asked during a fold, and what they were told to forget: enough for others to say what TLBs of
 * another make would have done, without a machine (family/). Beside a fold's outcomes, not a part of the machine.
 *
 * References are those of runs (run.ts): repeats of the page before, which hit any first level, are left out.
 */
import { REF_SHIFT, type Run } from './run.ts';

/**
 * Of a logged reference. A store: its page was mapped writable, and its dirty bit was not set yet. One to a page of the
 * kernel: the tables of the process lacked the entry, so that a walk would fault (paging/kernel-entries.ts).
 */
export const REF_LACKING = 4;

/** References [first, end) of a cpu, or keys [low, high) that a cpu forgets, its walk caches as a whole. */
export type LogStep =
  | { readonly cpu: number; readonly first: number; readonly end: number }
  | { readonly cpu: number; readonly low: number; readonly high: number };

export class ReferenceLog {
  /** In the order in which they happened. */
  readonly steps: LogStep[] = [];
  keys = new Float64Array(1024);
  /** As those of a run, with REF_LACKING. */
  refs = new Int32Array(1024);
  private count = 0;
  /** Where in the run under way the next miss is looked for. */
  private at = 0;
  private begun = 0;

  clear(): void {
    this.steps.length = 0;
    this.count = 0;
  }

  /** A run before it is translated. */
  begin(cpu: number, run: Run): void {
    const first = this.count;
    const end = first + run.count;
    this.reserve(end);
    this.keys.set(run.keys.subarray(0, run.count), first);
    this.refs.set(run.refs.subarray(0, run.count), first);
    this.steps.push({ cpu, first, end });
    this.count = end;
    this.begun = first;
    this.rewind();
  }

  /** To the beginning of the run under way. */
  rewind(): void {
    this.at = this.begun;
  }

  /** Of the run under way; from `begin` or `rewind` on in the order of the references. */
  markLacking(key: number, ref: number): void {
    const { keys, refs } = this;
    while (keys[this.at] !== key || refs[this.at]! >> REF_SHIFT !== ref >> REF_SHIFT) this.at++;
    refs[this.at]! |= REF_LACKING;
  }

  drop(cpu: number, low: number, high: number): void {
    this.steps.push({ cpu, low, high });
  }

  private reserve(count: number): void {
    if (this.keys.length >= count) return;
    const { keys, refs } = this;
    this.keys = new Float64Array(2 * count);
    this.refs = new Int32Array(2 * count);
    this.keys.set(keys);
    this.refs.set(refs);
  }
}
