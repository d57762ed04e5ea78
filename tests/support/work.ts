/**
 * Counted work: what a piece of code does, in units that are the same on every machine and under every load.
 *
 * A unit is a block of JavaScript that ran (V8's precise coverage), a word that was allocated (its allocation profile, which
 * sees what is copied by a spread or a slice too), or an element that a method of arrays passed over in native code. The
 * first two are told function by function without a line in what is measured; a few methods are replaced while it runs.
 */
import { Session } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';

/** Units by function: `core/vm/place.ts highestGap`. */
export type Work = ReadonlyMap<string, number>;

/** Bytes between two samples, always as many: what happens again and again in one call shows up in one of them. */
const SAMPLING_BYTES = 256;
const WORD_BYTES = 8;

interface Block {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

/** Of the sources below these folders. */
export class WorkCounter {
  private readonly session = new Session();
  private readonly folders: readonly string[];

  constructor(folders: readonly string[]) {
    this.folders = folders;
    setFlagsFromString('--sampling-heap-profiler-suppress-randomness');
    this.session.connect();
    this.post('Profiler.enable');
    this.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  end(): void {
    this.post('Profiler.stopPreciseCoverage');
    this.session.disconnect();
  }

  /** What `run` does. It ends with a full garbage collection, which is V8's way to tell of allocations. */
  of(run: () => void): Work {
    const work = new Map<string, number>();
    this.post('Profiler.takePreciseCoverage');
    this.addWords(work, () => {
      countingPassed(work, run);
      this.addBlocks(work);
    });
    return work;
  }

  /** Since they were last taken. */
  private addBlocks(work: Map<string, number>): void {
    for (const { url, functions } of this.post('Profiler.takePreciseCoverage').result ?? []) {
      const file = this.fileOf(url);
      if (file === undefined) continue;
      for (const { functionName, ranges } of functions)
        add(work, `${file} ${functionName}`, executed(ranges));
    }
  }

  private addWords(work: Map<string, number>, run: () => void): void {
    this.post('HeapProfiler.startSampling', {
      samplingInterval: SAMPLING_BYTES,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
    run();
    const visit = ({ callFrame, selfSize, children }: Allocations): void => {
      const file = this.fileOf(callFrame.url);
      if (file !== undefined) add(work, `${file} ${callFrame.functionName}`, selfSize / WORD_BYTES);
      children.forEach(visit);
    };
    visit(this.post('HeapProfiler.stopSampling').profile!.head);
  }

  /** Path of a source that counts. */
  private fileOf(url: string): string | undefined {
    const folder = this.folders.find((name) => url.includes(`/${name}/`));
    return folder === undefined ? undefined : url.slice(url.lastIndexOf(`/${folder}/`) + 1);
  }

  /** Sessions in the same thread answer at once. */
  private post(method: string, parameters: object = {}): Answer {
    let answer: Answer | undefined;
    this.session.post(method, parameters, (error, result) => {
      if (error !== null) throw new Error(`${method}: ${error.message}`);
      answer = result as Answer;
    });
    return answer!;
  }
}

interface Allocations {
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly selfSize: number;
  readonly children: readonly Allocations[];
}

/** What the inspector answers, as far as it is used. */
interface Answer {
  readonly result?: readonly {
    readonly url: string;
    readonly functions: readonly { readonly functionName: string; readonly ranges: readonly Block[] }[];
  }[];
  readonly profile?: { readonly head: Allocations };
}

/** Of nested blocks the outer is listed first; one that ran as often as what it is in is not listed. */
function executed(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { count }) => sum + count, 0);
}

function add(work: Map<string, number>, name: string, units: number): void {
  if (units > 0) work.set(name, (work.get(name) ?? 0) + units);
}

/** Methods that pass over what they are called on, without calling back. */
const OF_ARRAYS = ['splice', 'shift', 'unshift', 'indexOf', 'lastIndexOf', 'includes', 'fill', 'copyWithin'];
const OF_CELLS = ['set', 'slice', 'fill', 'copyWithin', 'indexOf', 'includes'];
const CELLS = Object.getPrototypeOf(Int32Array.prototype) as object;

type Elements = { readonly length: number };
type Method = (this: Elements, ...values: unknown[]) => unknown;

/** Adds the elements that such methods pass over while something runs: of each call as many as there are, at most. */
function countingPassed(work: Map<string, number>, run: () => void): void {
  const replace = (owner: object, name: string, title: string): (() => void) => {
    const method = (owner as Record<string, Method>)[name]!;
    const counting: Method = function (...values) {
      const result = method.apply(this, values);
      const passed = name === 'slice' ? result : name === 'set' ? values[0] : this;
      const { length } = passed as Elements;
      const [, from = 0, to = length] = values as number[];
      add(work, title, name === 'fill' ? to - from : length);
      return result;
    };
    Object.assign(owner, { [name]: counting });
    return () => void Object.assign(owner, { [name]: method });
  };
  const restore = [
    ...OF_ARRAYS.map((name) => replace(Array.prototype, name, `elements, Array.prototype.${name}`)),
    ...OF_CELLS.map((name) => replace(CELLS, name, `cells, TypedArray.prototype.${name}`)),
  ];
  try {
    run();
  } finally {
    for (const one of restore) one();
  }
}
