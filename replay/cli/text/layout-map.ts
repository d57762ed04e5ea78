/** A layout as text: the address space from top to bottom, then physical memory. */
import { type AddressRange, type Layout, toHex } from '../../../core/index.ts';
import { formatBytes, formatCount } from '../../index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type Column, table } from './table.ts';

type Paint = Pick<Terminal, 'colors'>;

export const LAYOUT_COLUMNS: readonly Column[] = [
  { head: 'layout' },
  { head: 'user space', align: 'right' },
  { head: 'low memory', align: 'right' },
  { head: 'high memory', align: 'right' },
  { head: 'vmalloc', align: 'right' },
  { head: 'what it is' },
];

export function layoutRow(layout: Layout): string[] {
  const { name, title, taskSize, vmalloc } = layout;
  const { low, high } = memoryBytes(layout);
  return [
    name,
    formatBytes(Number(taskSize)),
    formatBytes(low),
    high === 0 ? '-' : formatBytes(high),
    size(vmalloc),
    title,
  ];
}

/** The end of a range is the first address behind it, as in the kernel's own listing at boot. */
export function layoutMap(layout: Layout, paint: Paint): string {
  const { name, title, cpus, nrCpus, ramBytes } = layout;
  return [
    `${paint.colors.bold(name)}: ${title}`,
    `${formatBytes(Number(ramBytes))} of RAM, ${cpus} of ${nrCpus} cpus, ${pagesText(layout)}`,
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
    memoryText(layout),
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

/** Above user space lie the addresses that are none, where a register is wider than what the MMU translates. */
function holeName({ arch, taskSize }: Layout, start: bigint): string {
  return arch.wordBits > arch.virtualBits && start === taskSize
    ? 'hole: a guard page, then no canonical addresses'
    : 'hole';
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
