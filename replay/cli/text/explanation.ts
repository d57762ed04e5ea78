/** An explanation of an address, as text to teach from and as JSON. Addresses become hex in the width of the layout. */
import {
  type BusFacts,
  type CacheFacts,
  type Conversion,
  type EntryBit,
  type Explanation,
  type FrameFacts,
  type KernelEntryFacts,
  type Layout,
  type MappingFacts,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
  type SegmentStep,
  toHex,
  type UserRootFacts,
  type WalkStep,
} from '../../../core/index.ts';
import type { ObjectNames } from '../../../traces/index.ts';
import { formatBytes } from '../../index.ts';
import { ramText } from '../../text/ram-text.ts';
import { hanging } from '../../text/wrap.ts';
import type { Terminal } from '../terminal/terminal.ts';

const LABEL_WIDTH = 17;

type Line = readonly [label: string, text: string];
type Hex = (address: bigint) => string;

export function explanationText(
  explained: Explanation,
  layout: Layout,
  { colors, width }: Pick<Terminal, 'colors' | 'width'>,
): string {
  const hex = (address: bigint): string => toHex(layout, address);
  const { address, space } = explained;
  const asked = `${space === 'virtual' ? '' : `${space} `}${hex(address)}`;
  const lines = [
    ...placeLines(explained, hex),
    ...splitLines(explained, layout),
    ...wayLines(explained, layout, hex),
    ...memoryLines(explained, hex),
    ...judgementLines(explained, colors),
  ];
  return [
    hanging(`${colors.bold(asked)} `, `under ${colors.bold(layout.name)} with ${ramText(layout)}`, 2, width),
    ...lines.map(([label, text]) =>
      hanging(`  ${colors.cyan(label.padEnd(LABEL_WIDTH))}`, text, LABEL_WIDTH + 2, width),
    ),
  ].join('\n');
}

/** What the address is, and what it belongs to. */
function placeLines({ type, meaning, region, mapping, owner, pid, pa }: Explanation, hex: Hex): Line[] {
  const lines: Line[] = [['type', `${type.replace('-', ' ')}: ${meaning}`]];
  if (region !== undefined) {
    const size = formatBytes(Number(region.end - region.start));
    lines.push(['region', `${region.name} ${hex(region.start)} - ${hex(region.end)} (${size})`]);
  }
  if (mapping !== undefined) lines.push(['mapping', mappingText(mapping, pid)]);
  if (owner !== undefined) lines.push(['object', ownerText(owner)]);
  if (pa !== undefined) lines.push(['__pa', conversionText(pa, hex)]);
  return lines;
}

/** `10 | 10 | 12 bits: pgd 772 | pte 564 | offset 0x567`. */
function splitLines({ split, walk, address }: Explanation, { arch, pageShift }: Layout): Line[] {
  if (split.length === 0) return [];
  const fields = split.map(({ name, bits, value }) => {
    const level = arch.translation.levels.find((candidate) => candidate.name === name);
    const number = level === undefined && name !== 'region' ? `0x${value.toString(16)}` : String(value);
    const shared =
      level !== undefined && bits < level.bits ? ` (the region is in it, of ${level.bits} bits)` : '';
    return `${name} ${number}${shared}`;
  });
  const text = `${split.map(({ bits }) => bits).join(' | ')} bits: ${fields.join(' | ')}`;
  const pageBytes = walk.at(-1)?.page?.bytes ?? 0;
  if (pageBytes <= 2 ** pageShift) return [['split', text]];
  const offset = address & (BigInt(pageBytes) - 1n);
  const large = `in this page of ${formatBytes(pageBytes)} the offset is the last ${Math.log2(pageBytes)}: 0x${offset.toString(16)}`;
  return [['split', `${text}; ${large}`]];
}

/** How the processor gets from there to memory. */
function wayLines(explained: Explanation, { arch }: Layout, hex: Hex): Line[] {
  const { type, segmentation, root, walk, kernelEntry, userRoot, physical, caches } = explained;
  const isLinear = walk.length === 0 && type.startsWith('kernel') && physical !== undefined;
  const lines = labelled(
    'segments',
    segmentation.map((step) => segmentText(step, hex)),
  );
  if (isLinear && arch.translation.linearPageBytes)
    lines.push(['walk', 'none: this window needs no page tables; a TLB miss is served by arithmetic']);
  if (root !== undefined) lines.push(['root', `${root.register}: ${root.rule}`]);
  lines.push(...labelled('walk', walk.flatMap(stepTexts)));
  if (userRoot !== undefined) lines.push(['in user mode', userRootText(userRoot)]);
  if (kernelEntry !== undefined) lines.push(['own tables', kernelEntryText(kernelEntry, arch)]);
  for (const facts of caches ?? []) lines.push([`cpu ${facts.cpu}`, cachesText(facts)]);
  if (caches?.length === 0) lines.push(['caches', 'no cpu has used this address space yet']);
  return lines;
}

/** Only the first line of several has the label. */
function labelled(label: string, texts: readonly string[]): Line[] {
  return texts.map((text, i) => [i === 0 ? label : '', text]);
}

/** What lies there. */
function memoryLines(explained: Explanation, hex: Hex): Line[] {
  const { type, space, walk, physical, unmapped, va, frame, buses } = explained;
  const lines: Line[] = [];
  if (physical === undefined && type !== 'none') lines.push(['mapped', `no: ${unmapped}`]);
  if (physical !== undefined && (space === 'virtual' || walk.length > 0))
    lines.push(['physical', physicalHex(physical)]);
  if (va !== undefined) lines.push(['__va', conversionText(va, hex)]);
  if (frame !== undefined) lines.push(['frame', frameText(frame)]);
  for (const mapped of buses) lines.push(['bus', busText(mapped)]);
  return lines;
}

/** What may be done with it, and what the kernel's own functions say of the address. */
function judgementLines({ uses, answers }: Explanation, colors: Terminal['colors']): Line[] {
  return [
    ...uses.map(({ name, possible, reason }): Line => {
      return [name, `${possible ? colors.green('yes') : colors.red('no')}: ${reason}`];
    }),
    ...answers.map(({ name, answer, right, reason }): Line => {
      return [name, `${answer}${right ? '' : `, ${colors.red('which misleads')}`}: ${reason}`];
    }),
  ];
}

/** `user data: logical 0x1000 + base = linear 0x1000 (base 0x0, limit 0xbfffffff, privilege 3)`. */
function segmentText(step: SegmentStep, hex: Hex): string {
  const { descriptor, base, limit, privilege, offset } = step;
  const bounds = `base ${hex(base)}, limit ${hex(limit)}, privilege ${privilege}`;
  if (offset === undefined) return `${descriptor}: out of reach (${bounds})`;
  return `${descriptor}: logical ${hex(offset)} + base = linear ${hex(offset + base)} (${bounds})`;
}

/** `root in frame 0x1235, pgd[272] at 0x01235880: not present: user mode has no table there (page-table isolation)`. */
function userRootText({ rootPfn, level, index, entryAddress, isCopy }: UserRootFacts): string {
  const entry = `root in frame 0x${rootPfn.toString(16)}, ${level}[${index}] at ${physicalHex(entryAddress)}`;
  return `${entry}: ${isCopy ? 'a copy that lets code run' : 'not present, the walk ends here (page-table isolation)'}`;
}

function kernelEntryText({ pid, isCopied }: KernelEntryFacts, { faultCodes }: Layout['arch']): string {
  if (isCopied) return `process ${pid} has a copy of the kernel's entry`;
  const fault = faultCodes.names?.absent ?? 'error code 0x0 or 0x2';
  return `process ${pid} lacks this entry: its first access faults (${fault}), and the kernel copies it`;
}

function physicalHex(physical: bigint): string {
  return `0x${physical.toString(16).padStart(8, '0')}`;
}

function conversionText({ address, legal, reason }: Conversion, hex: Hex): string {
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

/** `7 + 0x10, of security_inode_alloc+0x2e/0xa0`. */
function ownerText({ object, offset, caller }: NonNullable<Explanation['owner']>): string {
  const which = object === undefined ? 'an area of before the first event' : `${object}`;
  return `${which} + 0x${offset.toString(16)}${caller === undefined ? '' : `, of ${caller}`}`;
}

/** As /proc/PID/maps shows it. */
function protText(prot: number): string {
  return `${prot & PROT_READ ? 'r' : '-'}${prot & PROT_WRITE ? 'w' : '-'}${prot & PROT_EXEC ? 'x' : '-'}`;
}

/** A step; then what the fields of its entry say, and the entry that the kernel keeps beside it. */
function stepTexts(step: WalkStep): string[] {
  const { level, index, bits, softwareEntry } = step;
  const texts = [stepText(step)];
  if (bits !== undefined) texts.push(`${level} bits: ${bitsText(bits)}`);
  if (softwareEntry === undefined) return texts;
  const { entryAddress, entry } = softwareEntry;
  const own = `Linux's own ${level}[${index}] at ${physicalHex(entryAddress)} = 0x${entry.toString(16)}`;
  return [...texts, `${own}: ${bitsText(softwareEntry.bits)}`];
}

/** `domain 0 (kernel), APX 0, AP 0b01 (only the kernel, read and write)`. */
function bitsText(bits: readonly EntryBit[]): string {
  return bits
    .map(({ name, value, meaning }) => `${name} ${value}${meaning === undefined ? '' : ` (${meaning})`}`)
    .join(', ');
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

/** With who asked for the object, where the trace knows. */
export function withCaller(explained: Explanation, names: ObjectNames): Explanation {
  const { owner } = explained;
  const caller = owner?.object === undefined ? undefined : names.of(owner.object);
  return owner === undefined || caller === undefined
    ? explained
    : { ...explained, owner: { ...owner, caller } };
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
