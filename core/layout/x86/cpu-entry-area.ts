/**
 * The cpu entry area: for each cpu the pages that must be mapped when it enters the kernel, at a fixed address.
 *
 * Sources, all v6.1: arch/x86/include/asm/cpu_entry_area.h (struct cpu_entry_area), asm/processor.h (struct tss_struct
 * with two I/O bitmaps), asm/intel_ds.h, arch/x86/mm/cpu_entry_area.c (what is mapped, and how). The debug store at
 * the end is mapped on Intel's processors only; the captured machines have another.
 */

/** A page of the area: not mapped (a guard), writable or read-only. */
export type AreaPage = 'guard' | 'rw' | 'ro';

function pages(count: number, page: AreaPage): AreaPage[] {
  return Array<AreaPage>(count).fill(page);
}

/** TSS: 104 bytes of hardware state, two I/O bitmaps of 8 KiB, to whole pages. */
const TSS_PAGES = 5;
/** The debug store, and its two buffers of 64 KiB. */
const DEBUG_STORE_PAGES = 1 + 2 * 16;

/** GDT, guard, entry stack, guard, double fault stack, TSS, debug store. */
export const AREA_32: readonly AreaPage[] = [
  'rw',
  'guard',
  'rw',
  'guard',
  'rw',
  ...pages(TSS_PAGES, 'rw'),
  ...pages(DEBUG_STORE_PAGES, 'guard'),
];

/** A guard, then a stack of two pages: double fault, NMI, debug, machine check; for two more there is only room. */
const EXCEPTION_STACKS: readonly AreaPage[] = [
  ...pages(4, 'guard').flatMap((guard) => [guard, ...pages(2, 'rw')]),
  ...pages(2 * 3 + 1, 'guard'),
];

/** GDT and TSS are read-only on 64 bits, where the processor writes neither. */
export const AREA_64: readonly AreaPage[] = [
  'ro',
  'rw',
  ...pages(TSS_PAGES, 'ro'),
  ...EXCEPTION_STACKS,
  ...pages(DEBUG_STORE_PAGES, 'guard'),
];

/** CPU_ENTRY_AREA_SIZE, in pages: what one cpu takes. */
export const CPU_ENTRY_AREA_PAGES_32 = AREA_32.length;

/** A page that is mapped, by its number from the start of the area; page 0 is the IDT's. */
interface EntryAreaPage {
  readonly page: number;
  readonly writable: boolean;
}

/** What is mapped behind the IDT's page. */
export function entryAreaPages(area: readonly AreaPage[], cpus: number): EntryAreaPage[] {
  const all = Array.from({ length: cpus }, () => area).flat();
  return all.flatMap((kind, index) =>
    kind === 'guard' ? [] : [{ page: 1 + index, writable: kind === 'rw' }],
  );
}
