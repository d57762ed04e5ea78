/** Whose a frame is beside those that have it mapped: objects that lie in it, processes that it serves; and the inverse. */
import type { PfnRange } from '../../../core/layout/page-frames.ts';
import { pageAddress, toHex } from '../../../core/layout/regions.ts';
import type { Machine, Process } from '../../../core/machine/machine.ts';
import { PTE_SPECIAL } from '../../../core/paging/pte.ts';
import { blockWith, FRAME, frameOwner, USE_KERNEL_STACK, USE_PAGE_TABLE } from '../../../core/phys/frames.ts';
import { isContiguous, OBJECT } from '../../../core/state/objects.ts';
import { forEachAddressSpace, forEachPage, forEachTable } from './owners.ts';
import { rangesOf } from './places.ts';

/** Physically contiguous objects that a frame has a part of: one of whole pages, or all those of a slab. */
export function objectsInFrame({ objects, platform }: Machine, pfn: number): number[] {
  const { stride } = objects.shape;
  const pageBytes = 2 ** platform.layout.pageShift;
  const found: number[] = [];
  objects.forEachLeaf((leaf, firstRow) => {
    for (let at = 0, object = firstRow; at < leaf.length; at += stride, object++) {
      const first = leaf[at + OBJECT.pfn]!;
      if (first > pfn || !isContiguous(leaf[at + OBJECT.class]!)) continue;
      const bytes = leaf[at + OBJECT.start]! + leaf[at + OBJECT.sizeBytes]!;
      if (pfn < first + Math.max(1, Math.ceil(bytes / pageBytes))) found.push(object);
    }
  });
  return found;
}

/** Processes that a frame serves as kernel stack or page table, and what is to be said of that. */
export function ownersOfFrame(machine: Machine, pfn: number): { processes: number[]; text: string } {
  const { frames } = machine;
  const block = blockWith(frames, pfn);
  const use = block === undefined ? undefined : frames.get(block, FRAME.use);
  if (use === USE_KERNEL_STACK) return { processes: [frameOwner(frames, block!)], text: '' };
  return use === USE_PAGE_TABLE ? tableOwners(machine, block!) : { processes: [], text: '' };
}

function tableOwners(machine: Machine, block: number): { processes: number[]; text: string } {
  const { kernelRoot, layout, mmu } = machine.platform;
  const found = { processes: [] as number[], text: '' };
  const look = (root: number, whose: string, pid?: number): void =>
    forEachTable(machine, root, (first, _table, level, firstVpn) => {
      if (first !== block) return;
      const { name, span, mask } = mmu.levels[level]!;
      const start = pageAddress(layout, firstVpn);
      const bytes = BigInt(span * (mask + 1)) << BigInt(layout.pageShift);
      const what = level === 0 ? 'the root' : `${name}, from ${toHex(layout, start)} for ${bytes} bytes`;
      found.text = `; ${what} of ${whose}`;
      if (pid !== undefined) found.processes.push(pid);
    });
  look(kernelRoot, 'the kernel');
  forEachAddressSpace(machine, (pid, { root }) => look(root, `process ${pid}`, pid));
  return found;
}

/** What a process has mapped, shared or not, its page tables and its kernel stack; not the zero pages. */
export function framesOfProcess(machine: Machine, { mm: id, stackPfn }: Process): PfnRange[] {
  const { frames, records } = machine;
  const pfns: number[] = [];
  const add = (pfn: number, count: number): void => {
    for (let i = 0; i < count; i++) pfns.push(pfn + i);
  };
  add(stackPfn, 2 ** frames.get(stackPfn, FRAME.order));
  const mm = records.mms[id]!;
  forEachTable(machine, mm.root, (pfn) => add(pfn, 2 ** frames.get(pfn, FRAME.order)));
  forEachPage(machine, mm, (_vpn, pfn, nrPages, pte) => {
    if ((pte & PTE_SPECIAL) === 0) add(pfn, nrPages);
  });
  return rangesOf(pfns);
}
