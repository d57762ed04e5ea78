/** Page frames, free lists and per-cpu lists in words: what was taken, what was given back, which lists moved. */
import { explainFrame } from '../explain/frame.ts';
import type { Machine } from '../machine/machine.ts';
import { FRAME, USE_FREE, USE_NONE, USE_PCP } from '../phys/frames.ts';
import { nrFree } from '../phys/free-lists.ts';
import { PCP_CELLS_PER_CPU, pcpCount } from '../phys/pcp-lists.ts';
import { MAX_ORDER } from '../phys/zones.ts';
import { tableChanges } from '../state/table-diff.ts';

/** Uses of a frame that nobody has. */
const NOT_IN_USE = new Set([USE_NONE, USE_FREE, USE_PCP]);

interface Block {
  readonly pfn: number;
  readonly nrPages: number;
  readonly whose: string;
}

/** Blocks that came into use, went out of it, or have another owner now; neighbours of one sort in one sentence. */
export function tellFrames(before: Machine, after: Machine): string[] {
  const taken: Block[] = [];
  const given: Block[] = [];
  const pfns = new Set(tableChanges(before.frames, after.frames).map(({ row }) => row));
  for (const pfn of pfns) {
    const [was, is] = [before.frames.get(pfn, FRAME.use), after.frames.get(pfn, FRAME.use)];
    if (was === is) continue;
    if (!NOT_IN_USE.has(was)) given.push(blockAt(before, pfn));
    if (!NOT_IN_USE.has(is)) taken.push(blockAt(after, pfn));
  }
  return [...told('taken', taken), ...told('given back', given)];
}

function blockAt(machine: Machine, pfn: number): Block {
  const { use, owner } = explainFrame(machine, pfn);
  const nrPages = 2 ** machine.frames.get(pfn, FRAME.order);
  return { pfn, nrPages, whose: owner === '' ? use : owner };
}

function told(what: string, blocks: readonly Block[]): string[] {
  const runs: Block[] = [];
  for (const block of blocks) {
    const last = runs.at(-1);
    const goesOn = last !== undefined && last.pfn + last.nrPages === block.pfn && last.whose === block.whose;
    if (goesOn) runs[runs.length - 1] = { ...last, nrPages: last.nrPages + block.nrPages };
    else runs.push(block);
  }
  return runs.map(({ pfn, nrPages, whose }) => {
    const frames = nrPages === 1 ? `frame ${pfn}` : `frames ${pfn} to ${pfn + nrPages - 1}`;
    return `${frames} ${what}: ${whose}`;
  });
}

/** Free blocks by zone and order, where there are more or fewer. */
export function tellFreeLists(before: Machine, after: Machine): string[] {
  return after.platform.zones.flatMap(({ name, index }) =>
    Array.from({ length: MAX_ORDER }, (_, order) => order)
      .map((order) => ({ order, was: nrFree(before, index, order), is: nrFree(after, index, order) }))
      .filter(({ was, is }) => was !== is)
      .map(({ order, was, is }) => `zone ${name}: free blocks of order ${order}: ${was} → ${is}`),
  );
}

/** Pages on the lists of each cpu and zone, where there are more or fewer. */
export function tellPcps(before: Machine, after: Machine): string[] {
  const words: string[] = [];
  const { zones } = after.platform;
  for (let cpu = 0; cpu < nrCpus(after); cpu++) {
    for (const { name, index } of zones) {
      const was = cpu < nrCpus(before) ? pcpCount(before, cpu, index) : 0;
      const is = pcpCount(after, cpu, index);
      if (was !== is) words.push(`zone ${name}: pages on the lists of cpu ${cpu}: ${was} → ${is}`);
    }
  }
  return words;
}

/** Cpus that have per-cpu lists. */
function nrCpus({ pcps }: Machine): number {
  return pcps.length / PCP_CELLS_PER_CPU;
}
