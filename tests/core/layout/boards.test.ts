/**
 * Machines that people have, from 2.6.20 to 7.1: what their kernels printed of themselves, against the layout that follows
 * from the boot log. Another file of the same form may be named in VMSPLIT_BOARDS.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kernelNamed, linuxKernel } from '../../../core/kernel/linux.ts';
import { parseVersion, versionText } from '../../../core/kernel/version.ts';
import {
  buildLayout,
  dialectNamed,
  type Layout,
  type LayoutOptions,
  layoutNameOf,
  layoutNames,
  type MemoryReport,
  readMemoryReport,
  reportOptions,
  unusedRam,
} from '../../../core/layout/catalog/index.ts';

type Range = readonly [string, string];

interface Board {
  readonly id: string;
  readonly arch: 'i386' | 'x86_64' | 'arm' | 'arm64';
  readonly kernel: string;
  readonly split?: '3G' | '3G_OPT' | '2G' | '2G_OPT' | '1G';
  readonly pae?: boolean;
  readonly lpae?: boolean;
  readonly highmem?: boolean;
  readonly nrCpus?: number;
  readonly ram?: readonly Range[];
  readonly said: Readonly<Record<string, number | string | Range>>;
  readonly log: readonly string[];
}

const FILE = process.env.VMSPLIT_BOARDS ?? join(import.meta.dirname, '../../fixtures/boards/cases.json');
const BOARDS = JSON.parse(readFileSync(FILE, 'utf8')) as Board[];
const KNOWN = new Set(layoutNames().map(({ name }) => name));

/**
 * The kernel's own listing of its windows is no part of the logs. For how many cpus a kernel was built, and with which of
 * the options that take pages there, only the start of the fixmap tells: that one line is given back.
 */
function logOf({ log, said }: Board): string {
  const fixmap =
    said.fixaddrStart !== undefined
      ? [`    fixmap  : ${said.fixaddrStart} - 0xfffff000   (whatever kB)`]
      : [];
  return [...log, ...fixmap].join('\n');
}

/** What the log tells, and what of the rest is told beside it. */
function reportOf(board: Board): MemoryReport {
  const report = readMemoryReport(logOf(board));
  const { arch, kernel, split, pae, lpae, highmem, nrCpus } = board;
  return {
    ...report,
    dialect: report.dialect ?? dialectNamed(arch),
    kernel: report.kernel ?? kernel,
    split: report.split ?? split,
    wideEntries: report.wideEntries ?? pae ?? lpae,
    highmem: report.highmem ?? highmem,
    nrCpus: report.nrCpus ?? nrCpus,
    physical: board.ram?.map(rangeOf).map((range) => ({ ...range, name: 'System RAM' })) ?? report.physical,
  };
}

function layoutOf(board: Board): Layout {
  const report = reportOf(board);
  const options: LayoutOptions = reportOptions(report);
  return buildLayout(layoutNameOf(report)!, options);
}

function rangeOf([start, end]: Range): { start: bigint; end: bigint } {
  return { start: BigInt(start), end: BigInt(end) };
}

const hex = (address: bigint | undefined): string | undefined =>
  address === undefined ? undefined : `0x${address.toString(16)}`;
const range = (found: { start: bigint; end: bigint } | undefined): Range | undefined =>
  found && [hex(found.start)!, hex(found.end)!];
const mib = (frames: number): number => frames >> 8;

/** How a layout tells each figure that a kernel may have printed. */
const FIGURES: Readonly<Record<string, (layout: Layout, report: MemoryReport) => unknown>> = {
  lowmemMb: ({ maxLowPfn }) => mib(maxLowPfn),
  highmemMb: ({ maxPfn, highstartPfn }) => mib(maxPfn - highstartPfn!),
  maxLowPfn: ({ maxLowPfn }) => maxLowPfn,
  maxPfn: ({ maxPfn }) => maxPfn,
  dmaStartPfn: ({ zones }) => zones[0]!.startPfn,
  pageOffset: ({ pageOffset }) => hex(pageOffset),
  vmalloc: ({ vmalloc }) => range(vmalloc),
  pkmapBase: ({ pkmap }) => hex(pkmap?.base),
  pkmap: ({ pkmap }) => pkmap && range({ start: pkmap.base, end: pkmap.base + BigInt(pkmap.slots) * 4096n }),
  fixaddrStart: ({ fixmap }) => hex(fixmap.start),
  fixmap: ({ fixmap }) => range(fixmap),
  lowmem: ({ pageOffset, highMemory }) => range({ start: pageOffset, end: highMemory }),
  modules: ({ modules }) => range(modules),
  vector: (layout) => hex(layout.regions.find(({ kind }) => (kind as string) === 'vectors')?.start),
  lostBytes: (layout) => unusedRam(layout)?.bytes ?? 0,
  cmaBytes: (_, { cma }) => cma.reduce((sum, { start, end }) => sum + Number(end - start), 0),
};

describe.each(BOARDS)('$id', (board) => {
  const report = reportOf(board);

  test('what the log tells of the kernel is what it was', () => {
    const told = readMemoryReport(board.log.join('\n'));
    const { kernel, split, arch, pae, lpae, highmem } = board;
    if (told.kernel !== undefined) expect(versionText(parseVersion(told.kernel)!)).toBe(kernel);
    for (const [ours, theirs] of [
      [told.dialect?.name, arch],
      [told.split, split],
      [told.wideEntries, pae ?? lpae ?? false],
      [told.highmem, highmem ?? true],
    ])
      if (ours !== undefined) expect(ours).toBe(theirs);
    expect(kernelNamed(kernel)).toBe(linuxKernel(parseVersion(kernel)!));
  });

  test.runIf(KNOWN.has(layoutNameOf(report)!)).each(Object.entries(board.said))('%s', (figure, said) => {
    expect(FIGURES[figure]!(layoutOf(board), report)).toEqual(said);
  });
});
