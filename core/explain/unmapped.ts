/** Why nothing is mapped at an address. */
import { vmallocAreas } from '../kmap/list-areas.ts';
import type { Region } from '../layout/layout.ts';
import type { Machine, Process } from '../machine/machine.ts';
import type { Vma } from '../mm/vma.ts';

/** `process` and `vma`: of a user address, the one that was asked for and its mapping, if there are any. */
export function whyUnmapped(
  machine: Machine,
  address: bigint,
  region: Region | undefined,
  process: Process | undefined,
  vma: Vma | undefined,
): string {
  if (region === undefined) return 'no region';
  if (region.kind === 'user') return whyUserUnmapped(process, vma);
  if (region.kind === 'vmalloc') return whyNotInVmalloc(machine, address);
  if (region.kind === 'pkmap') return 'this kmap slot is free';
  if (region.kind === 'fixmap')
    return 'the machine fills the slots of kmap_local only, and this is none, or a free one';
  return 'the machine does not fill this region; a real kernel does';
}

function whyUserUnmapped(process: Process | undefined, vma: Vma | undefined): string {
  if (process === undefined) return 'no process is chosen, and a user address means something in one only';
  if (vma === undefined) return 'the process has no mapping here: an access ends in SIGSEGV';
  const source = vma.file === 0 ? 'a zeroed page' : 'the page from the page cache or the disk';
  return `mapped, but never touched: the first access takes a page fault, which brings ${source}`;
}

function whyNotInVmalloc(machine: Machine, address: bigint): string {
  const area = vmallocAreas(machine).find(({ start, end }) => start <= address && address < end);
  if (area === undefined) return 'free address space: nothing is allocated here';
  if (area.kind === 'unpurged')
    return 'freed, but some cpu may still have it in its TLB: nobody gets it before all such areas are purged';
  const pageBytes = 1n << BigInt(machine.platform.layout.pageShift);
  return area.kind === 'vm_area' && address < area.end - pageBytes
    ? 'address space that get_vm_area() has taken, with nothing mapped in it'
    : 'a guard page: it stays unmapped behind every area, to catch overruns';
}
