/**
 * Both roots of a process with page-table isolation: the user's as it follows from the kernel's (arch/x86/mm/pti.c, v6.1),
 * against the one that was read from a stopped machine's memory.
 *
 *     ## kernel root at 6210000: table pages by level (1 = last): 1: 33, 2: 10, 3: 71, 4: 1
 *     # top-level entries: 0=800000000677f067, 273=4401067
 *     401000-450000 4K 79 U-- [us x] 45ce000 2     from-to, page size, entries, effective rights, flags, first frame
 */
export interface RootRun {
  readonly start: bigint;
  readonly end: bigint;
  readonly size: string;
  /** What all levels together allow: User or kernel, write, execute. */
  readonly rights: string;
  readonly flags: string;
  readonly physical: bigint;
}

export interface PageTableRoot {
  readonly name: string;
  readonly physical: bigint;
  /** Table pages by level, from the last one on. */
  readonly tables: readonly number[];
  readonly entries: ReadonlyMap<number, bigint>;
  readonly runs: readonly RootRun[];
  /** A stretch of pages that are one frame each time (espfix), of which the first is listed. */
  readonly hasAliases: boolean;
}

export interface PageTableDump {
  readonly roots: readonly PageTableRoot[];
  /** Tables of the user's root that are the kernel's too, by level. */
  readonly shared: readonly number[];
  readonly cr3: bigint;
}

const NO_EXECUTE = 1n << 63n;

export function parsePageTables(text: string): PageTableDump | undefined {
  const cr3 = /CR3=([0-9a-f]+)/.exec(text)?.[1];
  if (cr3 === undefined || !/^## \w+ root at /m.test(text)) return undefined;
  const sections = text.split(/^## /m).slice(1);
  return {
    roots: sections.filter((one) => / root at /.test(one)).map(rootOf),
    shared: [...(sections.at(-1) ?? '').matchAll(/level \d+: (\d+) of/g)].map(([, count]) => Number(count)),
    cr3: BigInt(`0x${cr3}`),
  };
}

const RUN = /^([0-9a-f]+)-([0-9a-f]+) (4K|2M|1G) \d+ (\S{3}) \[([^\]]*)\] ([0-9a-f]+)/gm;

function rootOf(section: string): PageTableRoot {
  const [, name, physical, levels] = /^(\w+) root at ([0-9a-f]+): .*\): (.*)/.exec(section) ?? [];
  const entries = /^# top-level entries: (.*)/m.exec(section)?.[1] ?? '';
  return {
    name: name ?? '',
    physical: BigInt(`0x${physical ?? '0'}`),
    tables: (levels ?? '').split(', ').map((level) => Number(level.split(': ')[1])),
    entries: new Map(
      [...entries.matchAll(/(\d+)=([0-9a-f]+)/g)].map(([, index, entry]) => [
        Number(index),
        BigInt(`0x${entry}`),
      ]),
    ),
    runs: [...section.matchAll(RUN)].map(([, start, end, size, rights, flags, frame]) => ({
      ...{
        start: BigInt(`0x${start}`),
        end: BigInt(`0x${end}`),
        size: size!,
        rights: rights!,
        flags: flags!,
      },
      physical: BigInt(`0x${frame}`),
    })),
    hasAliases: section.includes('more aliases of that frame'),
  };
}

/** An address space that is isolated: where its halves meet, how many bits of an address each level takes, what is shared how. */
export interface IsolatedSpace {
  readonly kernelStart: bigint;
  /** From the last level on; the last number may be smaller. */
  readonly bits: readonly number[];
  readonly directMap: bigint;
  readonly entryArea: bigint;
  /** End of what is cloned of it, where it is cloned by entries of large pages; undefined: its whole top-level entry is. */
  readonly entryAreaEnd: bigint | undefined;
  /** Base of the stacks for 16-bit returns, whose top-level entry is shared too. */
  readonly espfix: bigint | undefined;
  /** All tables below the top level are there from the start (PAE: PREALLOCATED_PMDS of arch/x86/mm/pgtable.c). */
  readonly preallocated: boolean;
  /** User code cannot run under the kernel's root. */
  readonly userNoExecute: boolean;
}

export interface UserRoot {
  readonly runs: readonly RootRun[];
  readonly topIndexes: readonly number[];
  readonly tables: readonly number[];
  readonly shared: readonly number[];
}

/** pti_init(), and the user half, which both roots share below the top level. */
export function userRootOf(kernel: PageTableRoot, space: IsolatedSpace): UserRoot {
  const { kernelStart, bits } = space;
  const user = kernel.runs.filter(({ start }) => start < kernelStart).map((run) => withoutTopNx(run, space));
  const wholes = kernel.runs.filter(({ start }) => isOfWholeEntry(start, space));
  const area = kernel.runs.filter((run) => isOfEntryArea(run, space));
  const own = [...tssPages(kernel, space), ...entryText(kernel, space)];
  const runs = [...user, ...wholes, ...area, ...own].sort((a, b) => (a.start < b.start ? -1 : 1));
  const top = bits.length - 1;
  const topIndexes = space.preallocated
    ? Array.from({ length: 2 ** bits[top]! }, (_, index) => index)
    : [...new Set(runs.map(({ start }) => indexAt(start, top, space)))];
  // All last-level tables of the entry area are there, whatever they map (setup_cpu_entry_area_ptes).
  const areaTables = entryAreaTables(space);
  const tablesAt = (level: number, mapped: readonly RootRun[]): number =>
    tablesFor(mapped, level, space) + (level === 0 ? areaTables : 0);
  const isAllThere = (level: number): boolean => space.preallocated && level === top - 1;
  return {
    runs,
    topIndexes,
    tables: bits.map((_, level) =>
      isAllThere(level)
        ? topIndexes.length
        : tablesAt(level, [...user, ...wholes, ...own, ...inPlace(area, level)]),
    ),
    shared: bits.map((_, level) => {
      if (level === top) return 0;
      return isAllThere(level) ? indexAt(kernelStart, top, space) : tablesAt(level, [...user, ...wholes]);
    }),
  };
}

/** Last-level tables of the area are counted by themselves. */
function inPlace(area: readonly RootRun[], level: number): readonly RootRun[] {
  return level === 0 ? [] : area;
}

function entryAreaTables({ entryArea, entryAreaEnd, bits }: IsolatedSpace): number {
  return entryAreaEnd === undefined ? 0 : Number((entryAreaEnd - entryArea) >> shiftOf(1, bits));
}

/** Without the bit that forbids execution in the upper entries, the lower ones decide. */
function withoutTopNx(run: RootRun, { userNoExecute }: IsolatedSpace): RootRun {
  const mayRun = userNoExecute && !/\bnx\b/.test(run.flags);
  return mayRun ? { ...run, rights: `${run.rights.slice(0, 2)}x` } : run;
}

/** pti_clone_p4d(): of the entry area, and of the espfix stacks, the whole top-level entry. */
function isOfWholeEntry(start: bigint, space: IsolatedSpace): boolean {
  const { bits, entryArea, entryAreaEnd, espfix } = space;
  const index = indexAt(start, bits.length - 1, space);
  const isOf = (base: bigint | undefined): boolean =>
    base !== undefined && start >= space.kernelStart && index === indexAt(base, bits.length - 1, space);
  return (entryAreaEnd === undefined && isOf(entryArea)) || isOf(espfix);
}

/** pti_clone_user_shared() on 32 bits: what the entries of the area's large pages lead to. */
function isOfEntryArea({ start }: RootRun, { entryArea, entryAreaEnd }: IsolatedSpace): boolean {
  return entryAreaEnd !== undefined && start >= entryArea && start < entryAreaEnd;
}

/**
 * pti_clone_user_shared() on 64 bits: the page of each cpu's cpu_tss_rw in the direct map, by the frame that the entry
 * area has of it: the first of the read-only pages behind the entry stack.
 */
function tssPages({ runs }: PageTableRoot, space: IsolatedSpace): RootRun[] {
  const { directMap, entryArea, entryAreaEnd } = space;
  if (entryAreaEnd !== undefined) return [];
  const area = runs.filter(({ start }) => isOfWholeEntry(start, space) && start < entryArea + (1n << 39n));
  const found = area.filter(
    ({ flags, start }, i) => flags.startsWith('a') && isBehindStack(area[i - 1], start),
  );
  return found.map(({ physical }) => {
    const start = directMap + physical;
    return { start, end: start + 4096n, size: '4K', rights: 'kw-', flags: 'rw nx', physical };
  });
}

function isBehindStack(before: RootRun | undefined, start: bigint): boolean {
  return before?.end === start && before.flags.startsWith('rw');
}

/** pti_clone_entry_text(): its pages are the only global ones that run code. */
function entryText({ runs }: PageTableRoot, { kernelStart }: IsolatedSpace): RootRun[] {
  return runs.filter(
    ({ start, flags, rights }) => start >= kernelStart && / g x$/.test(flags) && rights.endsWith('x'),
  );
}

function shiftOf(level: number, bits: readonly number[]): bigint {
  return BigInt(bits.slice(0, level).reduce((sum, width) => sum + width, 12));
}

function indexAt(address: bigint, level: number, { bits }: IsolatedSpace): number {
  return Number((address >> shiftOf(level, bits)) & ((1n << BigInt(bits[level]!)) - 1n));
}

const LARGE_LEVEL: Readonly<Record<string, number>> = { '4K': 0, '2M': 1, '1G': 2 };

/** Tables of a level that lead to these pages. */
function tablesFor(runs: readonly RootRun[], level: number, { bits }: IsolatedSpace): number {
  const covered = shiftOf(level + 1, bits);
  const tables = new Set<bigint>();
  for (const { start, end, size } of runs)
    if (LARGE_LEVEL[size]! <= level)
      for (
        let table = translated(start, bits) >> covered;
        table <= translated(end - 1n, bits) >> covered;
        table++
      )
        tables.add(table);
  return tables.size;
}

/** The bits of an address that tables translate: those above are copies. */
function translated(address: bigint, bits: readonly number[]): bigint {
  return BigInt.asUintN(Number(shiftOf(bits.length, bits)), address);
}

/** Of a top-level entry. */
export function forbidsExecution(entry: bigint): boolean {
  return (entry & NO_EXECUTE) !== 0n;
}
