/** An explanation of an address, as text to teach from and as JSON. Addresses become hex in the width of the layout. */
import {
  type BusFacts,
  type CacheFacts,
  type Conversion,
  type Explanation,
  type FrameFacts,
  type Layout,
  type MappingFacts,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
  type SegmentStep,
  toHex,
  type WalkStep,
} from '../../../core/index.ts';
import { formatBytes } from '../../index.ts';
import type { Terminal } from '../terminal.ts';

const LABEL_WIDTH = 17;

export function explanationText(explained: Explanation, layout: Layout, colors: Terminal['colors']): string {
  const hex = (address: bigint): string => toHex(layout, address);
  const {
    address,
    type,
    meaning,
    space,
    region,
    mapping,
    pid,
    pa,
    va,
    segmentation,
    walk,
    physical,
    unmapped,
    frame,
    uses,
    buses,
    answers,
  } = explained;
  const prefix = space === 'virtual' ? '' : `${space} `;
  const lines: [label: string, text: string][] = [['type', `${type.replace('-', ' ')}: ${meaning}`]];
  if (region !== undefined)
    lines.push([
      'region',
      `${region.name} ${hex(region.start)} - ${hex(region.end)} (${formatBytes(Number(region.end - region.start))})`,
    ]);
  if (mapping !== undefined) lines.push(['mapping', mappingText(mapping, pid)]);
  if (pa !== undefined) lines.push(['__pa', conversionText(pa, hex)]);
  segmentation.forEach((step, i) => {
    lines.push([i === 0 ? 'segments' : '', segmentText(step, hex)]);
  });
  if (
    walk.length === 0 &&
    type.startsWith('kernel') &&
    layout.translation.linearPageBytes &&
    physical !== undefined
  )
    lines.push(['walk', 'none: this window needs no page tables; a TLB miss is served by arithmetic']);
  walk.forEach((step, i) => {
    lines.push([i === 0 ? 'walk' : '', stepText(step)]);
  });
  for (const facts of explained.caches ?? []) lines.push([`cpu ${facts.cpu}`, cachesText(facts)]);
  if (explained.caches?.length === 0) lines.push(['caches', 'no cpu has used this address space yet']);
  if (physical === undefined && type !== 'none') lines.push(['mapped', `no: ${unmapped}`]);
  if (physical !== undefined && (space === 'virtual' || walk.length > 0))
    lines.push(['physical', physicalHex(physical)]);
  if (va !== undefined) lines.push(['__va', conversionText(va, hex)]);
  if (frame !== undefined) lines.push(['frame', frameText(frame)]);
  for (const mapped of buses) lines.push(['bus', busText(mapped)]);
  for (const { name, possible, reason } of uses)
    lines.push([name, `${possible ? colors.green('yes') : colors.red('no')}: ${reason}`]);
  for (const { name, answer, right, reason } of answers)
    lines.push([name, `${answer}${right ? '' : `, ${colors.red('which misleads')}`}: ${reason}`]);
  const title = `${colors.bold(`${prefix}${hex(address)}`)} under ${colors.bold(layout.name)} with ${formatBytes(Number(layout.ramBytes))} of RAM`;
  return [title, ...lines.map(([label, text]) => `  ${colors.cyan(label.padEnd(LABEL_WIDTH))}${text}`)].join(
    '\n',
  );
}

/** `user data: logical 0x1000 + base = linear 0x1000 (base 0x0, limit 0xbfffffff, privilege 3)`. */
function segmentText(step: SegmentStep, hex: (address: bigint) => string): string {
  const { descriptor, base, limit, privilege, offset } = step;
  const bounds = `base ${hex(base)}, limit ${hex(limit)}, privilege ${privilege}`;
  if (offset === undefined) return `${descriptor}: out of reach (${bounds})`;
  return `${descriptor}: logical ${hex(offset)} + base = linear ${hex(offset + base)} (${bounds})`;
}

function physicalHex(physical: bigint): string {
  return `0x${physical.toString(16).padStart(8, '0')}`;
}

function conversionText({ address, legal, reason }: Conversion, hex: (address: bigint) => string): string {
  return legal
    ? `${hex(address)} = ${reason}`
    : `not legal: ${reason} (the macro would compute ${hex(address)})`;
}

const WAYS: Record<BusFacts['way'], (reached: bigint) => string> = {
  physical: () => 'at its physical address',
  bounce: (reached) => `through a bounce buffer at physical ${physicalHex(reached)}`,
  iommu: () => 'through the IOMMU',
};

/** `0x01809010 for device 1 (32 address bits, to the device): dma_map_single of object 5 + 0x10, at its ...`. */
function busText({
  device,
  maskBits,
  by,
  direction,
  object,
  offset,
  bus,
  physical,
  reached,
  way,
}: BusFacts): string {
  const how = way === 'bounce' && physical === reached ? WAYS.physical(reached) : WAYS[way](reached);
  const who = `device ${device} (${maskBits} address bits, ${direction})`;
  return `${physicalHex(bus)} for ${who}: ${by} of object ${object} + 0x${offset.toString(16)}, ${how}`;
}

function mappingText({ object, offset, prot, shared, file }: MappingFacts, pid: number | undefined): string {
  const behind = file === 0 ? 'anonymous' : `file ${file}`;
  const of = `of process ${pid}, object ${object} + 0x${offset.toString(16)}`;
  return `${of}, ${protText(prot)}${shared ? 's' : 'p'}, ${behind}`;
}

/** As /proc/PID/maps shows it. */
function protText(prot: number): string {
  return `${prot & PROT_READ ? 'r' : '-'}${prot & PROT_WRITE ? 'w' : '-'}${prot & PROT_EXEC ? 'x' : '-'}`;
}

/** `pgd[772] at 0x01521c10 = 0x00000000010001e3 -> 4.0 MiB page at frame 0x1000 (present, writable)`. */
function stepText({ level, index, entryAddress, entry, flags, tablePfn, page }: WalkStep): string {
  const where = `${level}[${index}] at ${physicalHex(entryAddress)} = 0x${entry.toString(16)}`;
  if (entry === 0n) return `${where}: not present, the walk ends here`;
  const target =
    page === undefined
      ? `table in frame 0x${tablePfn!.toString(16)}`
      : `${formatBytes(page.bytes)} page at frame 0x${page.pfn.toString(16)}`;
  return `${where} -> ${target} (${flags.join(', ')})`;
}

/** `in user mode held by l1d and l2; a walk would read 1 entry (pdeCache)`. */
function cachesText({ mode, tlbs, walkCache, entriesRead }: CacheFacts): string {
  const where = mode === 'any' ? '' : `in ${mode} mode `;
  const held = tlbs.length === 0 ? 'held by no TLB' : `held by ${tlbs.join(' and ')}`;
  const entries = `${entriesRead} ${entriesRead === 1 ? 'entry' : 'entries'}`;
  return `${where}${held}; a walk would read ${entries}${walkCache === undefined ? '' : ` (${walkCache})`}`;
}

function frameText({ pfn, memory, zone, use, owner, blockPfn, order, references }: FrameFacts): string {
  const number = `0x${pfn.toString(16)}`;
  if (memory === 'device') return `${number}, ${owner}`;
  const block = order === 0 ? '' : `, in a block of ${2 ** order} frames from 0x${blockPfn.toString(16)}`;
  const counted = references > 1 ? `, ${references} references` : '';
  return `${number}, zone ${zone}, ${memory} memory, ${use}${owner === '' ? '' : ` (${owner})`}${block}${counted}`;
}

/** Sizes and counts stay numbers. */
export function explanationJson(explained: Explanation, layout: Layout): unknown {
  return JSON.parse(
    JSON.stringify(explained, (_, value: unknown) => {
      if (value === undefined) return null;
      return typeof value === 'bigint' ? toHex(layout, value) : value;
    }),
  );
}
