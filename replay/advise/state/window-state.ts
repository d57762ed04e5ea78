/**
 * The vmalloc window taken as /proc/vmallocinfo shows it, or, where only a failure tells of it, as full as that failure
 * says: a hole just too small is left. Areas hold addresses only; what pages they have is part of the memory in use.
 */
import { vmallocOf } from '../../figures/figures.ts';
import type { Filling, Step } from './filling.ts';

/** Bytes that are taken or free, one behind the other from the start of the window. */
export interface WindowPart {
  readonly bytes: number;
  readonly isTaken: boolean;
}

const PAGE = 4096;

/** Takes all of it in order, then gives back what is to be free; what is free at the end is not taken at all. */
export async function fillWindow(filling: Filling, parts: readonly WindowPart[]): Promise<void> {
  const end = parts.findLastIndex(({ isTaken }) => isTaken) + 1;
  const areas = parts.slice(0, end).filter(({ bytes }) => bytes > PAGE);
  const objects = areas.map(() => filling.newObject());
  await filling.run(areas.map(({ bytes }, i) => areaOf(objects[i]!, bytes)));
  const holes = areas.map(({ bytes, isTaken }, i) => ({ bytes, isTaken, object: objects[i]! }));
  const free = holes.filter(({ isTaken }) => !isTaken);
  await filling.run(free.map(({ object }): Step => ({ kind: 'free_vm_area', object })));
  await purge(
    filling,
    free.map(({ bytes }) => bytes),
  );
}

/** The guard page comes on top. */
function areaOf(object: number, bytes: number): Step {
  return { kind: 'vm_area', object, size: bytes - PAGE, align: PAGE };
}

/** What is freed is no hole yet: a kernel purges when it finds none. The smallest that shows this is asked for, and goes. */
async function purge(filling: Filling, freed: readonly number[]): Promise<void> {
  const largest = vmallocOf(filling.machine).largestHoleBytes;
  const [smallest] = freed.filter((bytes) => bytes > largest).sort((a, b) => a - b);
  if (smallest === undefined) return;
  const object = filling.newObject();
  await filling.take([areaOf(object, smallest)]);
  await filling.run([{ kind: 'free_vm_area', object }]);
}

interface PlacedArea {
  readonly start?: bigint;
  readonly end?: bigint;
  readonly sizeBytes: number;
  readonly flags: readonly string[];
}

/** As the areas lie; undefined where the kernel hides their addresses. */
export function partsOfAreas(
  areas: readonly PlacedArea[],
  window: { readonly start: bigint; readonly end: bigint },
): WindowPart[] | undefined {
  const placed = areas.flatMap(({ start, end, flags }) =>
    start === undefined || end === undefined || flags.includes('unpurged vm_area') ? [] : [{ start, end }],
  );
  if (placed.length === 0) return undefined;
  const parts: WindowPart[] = [];
  let at = window.start;
  for (const { start, end } of placed.toSorted((a, b) => (a.start < b.start ? -1 : 1))) {
    if (start < at || end > window.end) continue;
    if (start > at) parts.push({ bytes: Number(start - at), isTaken: false });
    parts.push({ bytes: Number(end - start), isTaken: true });
    at = end;
  }
  if (at < window.end) parts.push({ bytes: Number(window.end - at), isTaken: false });
  return parts;
}

/** Where only sums are known: what is free lies in holes of at most `largestHole` bytes. */
export function partsOfSums(windowBytes: number, usedBytes: number, largestHole: number): WindowPart[] {
  const free = Math.max(0, windowBytes - usedBytes);
  const holes = Math.max(1, Math.ceil(free / Math.max(PAGE, largestHole)));
  const hole = pages(free / holes);
  const area = pages((windowBytes - hole * holes) / holes);
  return Array.from({ length: holes }, () => [
    { bytes: area, isTaken: true },
    { bytes: hole, isTaken: false },
  ]).flat();
}

function pages(bytes: number): number {
  return Math.floor(bytes / PAGE) * PAGE;
}
