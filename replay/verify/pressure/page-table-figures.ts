/** What is compared of both page tables: the user's root as it follows from the kernel's, and which entries are global. */
import { type Layout, regionOfKind, UsageError } from '../../../core/index.ts';
import type { PressureFigure } from './compare.ts';
import {
  forbidsExecution,
  type IsolatedSpace,
  type PageTableDump,
  type PageTableRoot,
  type RootRun,
  userRootOf,
} from './page-tables.ts';

const PAIR_BYTES = 4096n;
/** What an entry above the last level covers with wide entries. */
const LARGE_PAGE = 1n << 21n;

export function pageTableFigures(dump: PageTableDump | undefined, layout: Layout): PressureFigure[] {
  if (dump === undefined) return [];
  const space = isolatedSpace(layout);
  const [kernel, user] = dump.roots;
  if (kernel === undefined) throw new UsageError('found no page tables, expected those of a root');
  if (user === undefined) return aloneFigures(kernel, space);
  const predicted = userRootOf(kernel, space);
  const isUser = ({ start }: RootRun): boolean => start < space.kernelStart;
  const isKernel = (run: RootRun): boolean => !isUser(run);
  const kernelHalf = predicted.runs.filter(isKernel);
  const firstTop = topIndexOf(space.kernelStart, space);
  const kernelTops = (indexes: Iterable<number>): string =>
    [...indexes].filter((index) => index >= firstTop).join(' ');
  const userTops = [...kernel.entries].filter(([index]) => index < firstTop);
  return [
    equal('user root behind', hex(user.physical), hex(kernel.physical + PAIR_BYTES)),
    equal('CR3 in user mode', hex(dump.cr3), hex(kernel.physical + PAIR_BYTES)),
    runFigure('user half', user.runs.filter(isUser), predicted.runs.filter(isUser)),
    runFigure('kernel half', user.runs.filter(isKernel), kernelHalf),
    equal('kernel entries', kernelTops(user.entries.keys()), kernelTops(predicted.topIndexes)),
    equal('tables by level', user.tables.join(' '), predicted.tables.join(' ')),
    equal('shared tables', dump.shared.join(' '), predicted.shared.join(' ')),
    equal(
      'no execution',
      `${userTops.filter(([, entry]) => forbidsExecution(entry)).length} of ${userTops.length}`,
      `${space.userNoExecute ? userTops.length : 0} of ${userTops.length}`,
    ),
    // What user mode has too stays in the TLBs; all else of the kernel goes at each switch.
    runFigure('global pages', kernel.runs.filter(isGlobal), kernelHalf.filter(isGlobal)),
  ];
}

/** Without isolation there is one root, and all that the kernel maps is global, but for what it had taken back. */
function aloneFigures(root: PageTableRoot, space: IsolatedSpace): PressureFigure[] {
  const kernelHalf = root.runs.filter((run) => run.start >= space.kernelStart && !wasTakenBack(run, space));
  const tops = [...root.entries].filter(([index]) => index < topIndexOf(space.kernelStart, space));
  return [
    equal('no execution', `${tops.filter(([, entry]) => forbidsExecution(entry)).length}`, '0'),
    runFigure('global pages', root.runs.filter(isGlobal), kernelHalf),
  ];
}

/**
 * Pages of the direct map whose rights were changed and given back are not global any more (set_direct_map_default_noflush
 * and others of arch/x86/mm/pat/set_memory.c, v6.1): which pages those are nothing else tells.
 */
function wasTakenBack(run: RootRun, { directMap }: IsolatedSpace): boolean {
  return run.size === '4K' && run.start - directMap === run.physical && !isGlobal(run);
}

function isGlobal({ flags }: RootRun): boolean {
  return /\bg\b/.test(flags);
}

function isolatedSpace(layout: Layout): IsolatedSpace {
  const { arch, pageOffset } = layout;
  const bits = arch.translation.levels.map((level) => level.bits).reverse();
  const addressBits = bits.reduce((sum, width) => sum + BigInt(width), 12n);
  const is64 = bits.length > 3;
  const area = regionOfKind(layout, 'cpu_entry_area');
  return {
    kernelStart: is64 ? BigInt.asUintN(64, -1n << (addressBits - 1n)) : pageOffset,
    bits,
    directMap: pageOffset,
    entryArea: area?.start ?? 0n,
    // Entries of large pages are cloned, the last one perhaps for a part of it.
    entryAreaEnd: is64 || area === undefined ? undefined : alignUp(area.end, LARGE_PAGE),
    preallocated: !is64,
    espfix: is64 ? ESPFIX_BASE : undefined,
    userNoExecute: arch.port.isolation?.userHalfNoExecute === true,
  };
}

/** ESPFIX_BASE_ADDR of asm/pgtable_64_types.h, v6.1. */
const ESPFIX_BASE = 0xffffff0000000000n;

function topIndexOf(address: bigint, { bits }: IsolatedSpace): number {
  const shift = BigInt(bits.slice(0, -1).reduce((sum, width) => sum + width, 12));
  return Number((address >> shift) & ((1n << BigInt(bits.at(-1)!)) - 1n));
}

function alignUp(address: bigint, to: bigint): bigint {
  return ((address + to - 1n) / to) * to;
}

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}

function equal(what: string, truth: string, predicted: string): PressureFigure {
  const isSame = truth === predicted;
  const first = isSame ? '' : `${truth}, predicted ${predicted}`;
  return { mark: 'page tables', what, truth, predicted, percent: isSame ? 100 : 0, least: 100, first };
}

function runFigure(what: string, truth: readonly RootRun[], predicted: readonly RootRun[]): PressureFigure {
  const text = ({ start, end, size, rights, flags }: RootRun): string =>
    `${start.toString(16)}-${end.toString(16)} ${size} ${rights} [${flags}]`;
  const [here, there] = [truth.map(text), predicted.map(text)];
  const same = here.filter((run) => there.includes(run)).length;
  const first = here.find((run) => !there.includes(run)) ?? there.find((run) => !here.includes(run));
  const length = Math.max(here.length, there.length);
  return {
    ...{ mark: 'page tables', what, truth: `${here.length} runs`, predicted: `${same}` },
    percent: length === 0 ? 100 : (100 * same) / length,
    ...{ least: 100, first: first === undefined ? '' : first },
  };
}
