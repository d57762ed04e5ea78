/**
 * Names of objects in the notes of a trace: who asked for them, as the kernel that was recorded called it
 * (`load_module+0x1f/0x30 [overlay]`). A number has one name for all of a trace. In the notes, under `names`, a map from
 * name to the numbers that have it, ascending, as ranges: `"1-5,9"`. Whatever stands there otherwise is no name.
 */
import { type FilePart, filesIn } from './file-names.ts';
import type { Notes } from './format.ts';

/** Names are bounded, in number, length and objects: what a recorder or a trace has beyond is left without one. */
export const MAX_NAMES = 0x4000;
export const MAX_NAME_LETTERS = 256;
export const MAX_NAMED_OBJECTS = 2 ** 22;

/** Both ends belong to it. */
interface NamedRange {
  readonly first: number;
  readonly last: number;
  readonly name: string;
}

export class ObjectNames {
  static readonly NONE = new ObjectNames([], 0, []);
  readonly ranges: readonly NamedRange[];
  /** Objects that are named in the notes, and have no name here: those above the first MAX_NAMED_OBJECTS. */
  readonly beyond: number;
  /** What files are parts of, by number, from 1 on. */
  readonly files: readonly FilePart[];

  private constructor(ranges: readonly NamedRange[], beyond: number, files: readonly FilePart[]) {
    this.ranges = ranges;
    this.beyond = beyond;
    this.files = files;
  }

  static in(notes: Notes): ObjectNames {
    const { names } = notes;
    const files = filesIn(notes);
    if (typeof names !== 'object' || names === null || Array.isArray(names))
      return new ObjectNames([], 0, files);
    const ranges = Object.entries(names)
      .flatMap(([name, text]) => rangesIn(name, text))
      .sort((a, b) => a.first - b.first);
    const kept = firstObjects(ranges, MAX_NAMED_OBJECTS);
    return new ObjectNames(kept, objectsIn(ranges) - objectsIn(kept), files);
  }

  /** No object has a name. */
  get isEmpty(): boolean {
    return this.ranges.length === 0;
  }

  /** Undefined: it has none. */
  of(object: number): string | undefined {
    const { ranges } = this;
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ranges[middle]!.first <= object) low = middle + 1;
      else high = middle;
    }
    const found = ranges[low - 1];
    return found !== undefined && object <= found.last ? found.name : undefined;
  }

  /** As a trace notes them. @param number what an object is called there */
  note(number: (object: number) => number = (object) => object): Record<string, string> {
    return mergedNames([{ names: this, number }]);
  }
}

/** The names of several traces as one notes them, in which their objects have other numbers. */
export function mergedNames(
  traces: readonly { readonly names: ObjectNames; readonly number: (object: number) => number }[],
): Record<string, string> {
  const named: NamedObject[] = [];
  for (const { names, number } of traces)
    for (const { first, last, name } of names.ranges)
      for (let object = first; object <= last; object++) named.push([number(object), name]);
  return namesNote(named.sort(([a], [b]) => a - b));
}

export type NamedObject = readonly [object: number, name: string];

/** @param named ascending, each number once */
export function namesNote(named: readonly NamedObject[]): Record<string, string> {
  const ranges = new Map<string, string[]>();
  for (let at = 0; at < named.length; ) {
    const [first, name] = named[at]!;
    let end = at + 1;
    while (named[end]?.[1] === name && named[end]![0] === first + end - at) end++;
    const texts = ranges.get(name) ?? [];
    texts.push(end === at + 1 ? `${first}` : `${first}-${first + end - at - 1}`);
    ranges.set(name, texts);
    at = end;
  }
  return Object.fromEntries([...ranges].map(([name, texts]) => [name, texts.join(',')]));
}

function objectsIn(ranges: readonly NamedRange[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** Of ranges in order those with so many objects, the last one cut. */
function firstObjects(ranges: readonly NamedRange[], count: number): NamedRange[] {
  let left = count;
  return ranges.flatMap(({ first, last, name }) => {
    const objects = Math.min(left, last - first + 1);
    left -= objects;
    return objects === 0 ? [] : [{ first, last: first + objects - 1, name }];
  });
}

const RANGE = /^(\d{1,10})(?:-(\d{1,10}))?$/;

function rangesIn(name: string, text: unknown): NamedRange[] {
  if (typeof text !== 'string' || name.length > MAX_NAME_LETTERS) return [];
  return text.split(',').flatMap((range) => {
    const [, first, last = first] = RANGE.exec(range) ?? [];
    return first === undefined || Number(last) < Number(first)
      ? []
      : [{ first: Number(first), last: Number(last), name }];
  });
}
