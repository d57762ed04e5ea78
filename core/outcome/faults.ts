/** Page faults of accesses: what the machine did to make them possible. One row each. */
import { byCode } from '../base/code-table.ts';
import { COUNTER, type CounterName } from './counters.ts';

interface FaultRow {
  /** What the flags of an outcome store: three bits. */
  readonly code: number;
  /** What happened, for people; and in a word or two, for tables. */
  readonly story: string;
  readonly label: string;
  /** In a report, the name of how many there were, and what counts them. */
  readonly key?: string;
  readonly counter?: CounterName;
}

const ROWS = {
  none: { code: 0, label: 'none', story: 'no page fault, the page was present' },
  'demand-zero': {
    code: 1,
    label: 'demand zero',
    key: 'demandZero',
    counter: 'demandZeroFaults',
    story: 'a page fault gave it a page of its own, cleared',
  },
  'zero-page': {
    code: 2,
    label: 'zero page',
    key: 'zeroPage',
    counter: 'zeroPageFaults',
    story: 'a page fault mapped the shared zero page',
  },
  'copy-on-write': {
    code: 3,
    label: 'copy on write',
    key: 'copyOnWrite',
    counter: 'copyOnWriteFaults',
    story: 'a page fault copied the shared page',
  },
  'file-minor': {
    code: 4,
    label: 'file, cached',
    key: 'fileMinor',
    counter: 'fileMinorFaults',
    story: 'a page fault mapped a page of the page cache',
  },
  'file-major': {
    code: 5,
    label: 'file, read from disk',
    key: 'fileMajor',
    counter: 'fileMajorFaults',
    story: 'a page fault read the page from disk',
  },
  /** The page was in the swap area. */
  'swap-in': {
    code: 6,
    label: 'read from the swap area',
    key: 'swapIn',
    counter: 'swapFaults',
    story: 'a page fault read the page from the swap area',
  },
  /** The tables of the process lacked an entry of the kernel's half (paging/kernel-entries.ts). */
  vmalloc: {
    code: 7,
    label: 'vmalloc, kernel entry copied',
    key: 'vmalloc',
    counter: 'vmallocFaults',
    story: 'a page fault copied the kernel’s entry into the page tables of the process (vmalloc_fault)',
  },
} as const satisfies Record<string, FaultRow>;

export type FaultName = keyof typeof ROWS;

/** By name, and by code. */
export const FAULT: Readonly<Record<FaultName, FaultRow>> = ROWS;
/** The page faults that an access may take, by code: `flags` of an outcome tells one. */
export const FAULTS = byCode<FaultName, FaultRow>(ROWS);

/** By code: the index of what counts such faults; -1 where nothing does. */
export const FAULT_COUNTERS = FAULTS.map(({ counter }) => (counter === undefined ? -1 : COUNTER[counter]));

type Counted = Extract<(typeof ROWS)[FaultName], { readonly key: string }>;
export type FaultKey = Counted['key'];

/** Faults that are counted, in order. */
export const FAULT_FIGURES: readonly Counted[] = Object.values(ROWS).filter((row) => 'key' in row);

export const FAULT_NONE = ROWS.none.code;
export const FAULT_DEMAND_ZERO = ROWS['demand-zero'].code;
export const FAULT_ZERO_PAGE = ROWS['zero-page'].code;
export const FAULT_COW = ROWS['copy-on-write'].code;
export const FAULT_FILE_MINOR = ROWS['file-minor'].code;
export const FAULT_FILE_MAJOR = ROWS['file-major'].code;
export const FAULT_SWAP = ROWS['swap-in'].code;
export const FAULT_VMALLOC = ROWS.vmalloc.code;
