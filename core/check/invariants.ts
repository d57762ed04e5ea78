/**
 * Conservation: what must hold of every machine between two batches (the laws of which tests and long runs are made).
 *
 * - Every frame of RAM is in one block, free or in use (phys/invariants.ts).
 * - Every frame in use has the owner that says it has it, and as many references as there are (references.ts).
 * - Pages of processes and of the page cache, and no others, are on one LRU list (reclaim/invariants.ts).
 * - Every slab is in one place, and every object of it free or alive (slab/invariants.ts).
 * - VMAs are in order, and every page of a process lies in one (vm/invariants.ts).
 * - What a device can reach is alive and held, and nothing else is reached (dma/invariants.ts).
 * - Every TLB entry agrees with its page table, or is of a freed area that waits for its flush (paging/invariants.ts).
 * - The kernel's windows are used up by areas and holes, each address once (kmap/invariants.ts).
 */
import { checkDma } from '../dma/invariants.ts';
import { checkWindows } from '../kmap/invariants.ts';
import type { Machine } from '../machine/machine.ts';
import { checkNoTable, checkTlbs } from '../paging/invariants.ts';
import { pteFrame } from '../paging/pte.ts';
import { findLeaf, pageSpan } from '../paging/table-walk.ts';
import { frameOwner, USE_VMALLOC } from '../phys/frames.ts';
import { checkBlocks, forEachBlock } from '../phys/invariants.ts';
import { checkReclaim } from '../reclaim/invariants.ts';
import { checkSlabs } from '../slab/invariants.ts';
import { COHERENT, isContiguous, KMALLOC_LARGE, NO_CLASS, OBJECT, PAGES } from '../state/objects.ts';
import { checkMms } from '../vm/invariants.ts';
import { checkReferences, countReferences } from './references.ts';

/** What is wrong with the machine, a sentence each; empty when nothing is. Reads everything: slow. */
export function checkMachine(machine: Machine): string[] {
  const faults: string[] = [];
  checkBlocks(machine, faults);
  const references = countReferences(machine, faults);
  checkReferences(machine, references, faults);
  checkReclaim(machine, references.slots, faults);
  checkObjects(machine, faults);
  checkSlabs(machine, faults);
  checkMms(machine, faults);
  checkDma(machine, faults);
  checkTlbs(machine, faults);
  checkNoTable(machine, faults);
  checkWindows(machine, faults);
  return faults;
}

function checkObjects(machine: Machine, faults: string[]): void {
  const { stride } = machine.objects.shape;
  machine.objects.forEachLeaf((leaf, firstRow) => {
    for (let row = 0; row * stride < leaf.length; row++) {
      if (leaf[row * stride + OBJECT.class] !== NO_CLASS) checkObject(machine, firstRow + row, faults);
    }
  });
  forEachBlock(machine, (pfn, use) => {
    if (use !== USE_VMALLOC) return;
    const object = frameOwner(machine.frames, pfn);
    if (machine.objects.get(object, OBJECT.class) === NO_CLASS)
      faults.push(`PFN ${pfn}: vmalloc page of dead object ${object}`);
  });
}

/** Its frames know it, and lie behind its address in the direct map. */
function checkObject(machine: Machine, object: number, faults: string[]): void {
  const cls = machine.objects.get(object, OBJECT.class);
  const pfn = machine.objects.get(object, OBJECT.pfn);
  const vpn = machine.objects.get(object, OBJECT.vpn);
  const owner = frameOwner(machine.frames, pfn);
  if ((cls === PAGES || cls === KMALLOC_LARGE || cls === COHERENT) && owner !== object)
    faults.push(`object ${object}: frame ${pfn} is owned by ${owner}`);
  if (!isContiguous(cls) || vpn < 0) return;
  const { mmu, kernelRoot } = machine.platform;
  const { pte, level } = findLeaf(machine, kernelRoot, vpn);
  if (pte === 0 || pteFrame(pte) + (vpn % pageSpan(mmu, level)) !== pfn)
    faults.push(`object ${object}: page ${vpn} is not frame ${pfn} in the direct map`);
}
