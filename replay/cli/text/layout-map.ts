/** A layout as text: the address space from top to bottom, then physical memory. */
import {
  type AddressRange,
  type Layout,
  toHex,
  uncheckedText,
  unusedRam,
  userSpaceBytes,
} from '../../../core/index.ts';
import { formatBytes, formatCount } from '../../index.ts';
import { ramText, ramWarning } from '../../text/ram-text.ts';
import { hanging } from '../../text/wrap.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type Column, table } from './table.ts';

type Paint = Pick<Terminal, 'colors' | 'width'>;

export const LAYOUT_COLUMNS: readonly Column[] = [
  { head: 'layout' },
  { head: 'user space', align: 'right' },
  { head: 'low memory', align: 'right' },
  { head: 'high memory', align: 'right' },
  { head: 'vmalloc', align: 'right' },
  { head: 'what it is' },
];

/** What a layout makes of the machine asked for, in bytes; `problem`: why it cannot have that machine. */
export interface ListedLayout {
  readonly name: string;
  readonly family: Layout['family'];
  readonly title: string;
  readonly ramBytes: number | null;
  readonly unusedRamBytes: number | null;
  readonly userSpaceBytes: number | null;
  readonly lowMemoryBytes: number | null;
  readonly highMemoryBytes: number | null;
  readonly vmallocBytes: number | null;
  readonly problem: string | null;
}

export function listedLayout(layout: Layout): ListedLayout {
  const { name, family, title, ramBytes, vmalloc } = layout;
  const { low, high } = memoryBytes(layout);
  return {
    ...{ name, family, title },
    ramBytes: Number(ramBytes),
    unusedRamBytes: unusedRam(layout)?.bytes ?? 0,
    userSpaceBytes: userSpaceBytes(layout),
    lowMemoryBytes: low,
    highMemoryBytes: high,
    vmallocBytes: Number(vmalloc.end - vmalloc.start),
    problem: null,
  };
}

export function layoutRow(listed: ListedLayout): string[] {
  const { name, title, userSpaceBytes, lowMemoryBytes, highMemoryBytes, vmallocBytes, unusedRamBytes } =
    listed;
  const figures = [userSpaceBytes, lowMemoryBytes, highMemoryBytes, vmallocBytes];
  const unused = unusedRamBytes ? `; leaves ${formatBytes(unusedRamBytes)} of RAM unused` : '';
  return [name, ...figures.map((bytes) => (bytes ? formatBytes(bytes) : '-')), title + unused];
}

/** The end of a range is the first address behind it, as in the kernel's own listing at boot. */
export function layoutMap(layout: Layout, paint: Paint): string {
  const { name, title, cpus, nrCpus } = layout;
  const warning = ramWarning(name, unusedRam(layout));
  const note = uncheckedText(layout.kernel);
  const window = layout.arch.port.moduleWindow;
  return [
    hanging(`${paint.colors.bold(name)}: `, title, 2, paint.width),
    hanging('', `${ramText(layout)}, ${cpus} of ${nrCpus} cpus, ${pagesText(layout)}`, 2, paint.width),
    ...(note === undefined ? [] : [hanging('kernel: ', note, 2, paint.width)]),
    ...(warning === undefined ? [] : [hanging(paint.colors.yellow('warning: '), warning, 2, paint.width)]),
    '',
    table(
      [{ head: 'from' }, { head: 'to' }, { head: 'size', align: 'right' }, { head: 'region' }],
      regionRows(layout, paint),
      paint,
    ),
    '',
    table(
      [
        { head: 'zone' },
        { head: 'first PFN' },
        { head: 'end PFN' },
        { head: 'spanned', align: 'right' },
        { head: 'present', align: 'right' },
      ],
      zoneRows(layout),
      paint,
    ),
    '',
    hanging('', memoryText(layout), 2, paint.width),
    ...(window === undefined ? [] : [hanging('modules: ', window, 2, paint.width)]),
  ].join('\n');
}

function pagesText({ pageShift, arch: { translation } }: Layout): string {
  const tree = translation.levels.map(({ name, bits }) => `${name}[${2 ** bits}]`).join(' > ');
  return `pages of ${formatBytes(2 ** pageShift)}, ${tree}, entries of ${translation.entryBytes} bytes`;
}

/** Regions from the top down, with the holes between them. */
function regionRows(layout: Layout, { colors }: Paint): string[][] {
  const rows: string[][] = [];
  let ceiling = 1n << BigInt(layout.arch.wordBits);
  for (const region of layout.regions.toReversed()) {
    if (region.end < ceiling)
      rows.push(
        rangeRow(layout, { start: region.end, end: ceiling }, colors.dim(holeName(layout, region.end))),
      );
    rows.push(rangeRow(layout, region, region.name));
    ceiling = region.start;
  }
  if (ceiling > 0n) rows.push(rangeRow(layout, { start: 0n, end: ceiling }, colors.dim('hole')));
  return rows;
}

/**
 * Above user space lie the addresses that are none, where a register is wider than what the MMU translates; below them a
 * guard page, where user space ends before they begin.
 */
function holeName({ arch, taskSize }: Layout, start: bigint): string {
  if (arch.wordBits <= arch.virtualBits || start !== taskSize) return 'hole';
  const isWhole = taskSize === 1n << BigInt(arch.virtualBits - 1);
  return `hole: ${isWhole ? '' : 'a guard page, then '}no canonical addresses`;
}

function rangeRow(layout: Layout, range: AddressRange, name: string): string[] {
  return [toHex(layout, range.start), toHex(layout, range.end), size(range), name];
}

function size({ start, end }: AddressRange): string {
  return formatBytes(Number(end - start));
}

function zoneRows({ zones, pageShift }: Layout): string[][] {
  const bytes = (pages: number): string => formatBytes(pages * 2 ** pageShift);
  return zones.map(({ name, startPfn, spannedPages, presentPages }) => [
    name,
    String(startPfn),
    String(startPfn + spannedPages),
    bytes(spannedPages),
    bytes(presentPages),
  ]);
}

function memoryText(layout: Layout): string {
  const { low, high } = memoryBytes(layout);
  const kmap =
    layout.pkmap === undefined ? 'no kmap window' : `${formatCount(layout.pkmap.slots)} kmap slots`;
  const highText = high === 0 ? 'no high memory' : `${formatBytes(high)} of high memory`;
  return `${formatBytes(low)} of low memory, ${highText}, ${kmap}, PAGE_OFFSET ${toHex(layout, layout.pageOffset)}`;
}

function memoryBytes({ zones, pageShift }: Layout): { low: number; high: number } {
  const sum = (isHigh: boolean): number =>
    zones
      .filter(({ name }) => (name === 'HighMem') === isHigh)
      .reduce((pages, zone) => pages + zone.presentPages, 0) *
    2 ** pageShift;
  return { low: sum(false), high: sum(true) };
}
