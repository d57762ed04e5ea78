/** Numbers of every type of address, taken from a machine in use: what LDD3 (ch. 15) tells apart. */
import { DEVICE_IOMMU, DMA_BIDIRECTIONAL, transferOf } from '../../../core/event/dma-flags.ts';
import { GFP_HIGHUSER } from '../../../core/event/gfp.ts';
import { PROT_READ, PROT_WRITE } from '../../../core/event/mmap-flags.ts';
import { type AddressSpaceName, explainAddress } from '../../../core/explain/explain.ts';
import { SYSTEM_RAM } from '../../../core/layout/firmware/memory-map.ts';
import type { AddressRange, Layout } from '../../../core/layout/layout.ts';
import { regionOfKind } from '../../../core/layout/regions.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import type { Prng } from '../../../workloads/engine/prng.ts';
import { kmalloc, mmap, pageAlloc, runs, spawn } from '../../../workloads/examples/facts.ts';
import type { Ground } from './machines.ts';
import { addressOf, Play, statusOf } from './play.ts';
import { accessTo } from './process.ts';

export const PID = 1;
const [USER, SLAB, AREA, HIGH, BUFFER, DEVICE] = [1, 2, 3, 4, 5, 1];

export interface Sample {
  /** Where the number comes from. */
  readonly sort:
    | 'user'
    | 'kmalloc'
    | 'vmalloc'
    | 'kmap'
    | 'image'
    | 'fixmap'
    | 'hole'
    | 'low frame'
    | 'high frame'
    | 'device'
    | 'bus';
  readonly space: AddressSpaceName;
  readonly address: bigint;
}

/** What a question may choose from, and the machine on which the numbers mean what they mean. */
export interface Samples {
  readonly machine: Machine;
  readonly samples: readonly Sample[];
}

export function sampleAddresses(ground: Ground, random: Prng): Samples {
  const { layout } = ground;
  const play = new Play(ground);
  const samples = [
    ...[userSample(play, layout, random), slabSample(play, layout, random), areaSample(play, layout, random)],
    ...highSamples(play, layout, random),
    ...placeSamples(layout, random),
    ...busSamples(play, layout, random),
  ];
  return { machine: play.machine, samples };
}

function pageBytes({ pageShift }: Layout): number {
  return 2 ** pageShift;
}

/** Every fourth byte, as pointers are. */
function somewhere(bytes: number, random: Prng): number {
  return 4 * random.below(Math.max(1, Math.floor(bytes / 4)));
}

function userSample(play: Play, layout: Layout, random: Prng): Sample {
  const bytes = 4 * pageBytes(layout);
  play.given(spawn(PID), runs(PID), mmap(USER, bytes, PROT_READ | PROT_WRITE));
  const played = play.do(accessTo({ object: USER, offset: somewhere(bytes, random), mode: 1 }));
  return { sort: 'user', space: 'virtual', address: addressOf(played).address };
}

function slabSample(play: Play, layout: Layout, random: Prng): Sample {
  const size = random.pick([1, 2, 4]) * (pageBytes(layout) / 4);
  const { address } = addressOf(play.do(kmalloc(SLAB, size)));
  return { sort: 'kmalloc', space: 'virtual', address: address + BigInt(somewhere(size, random)) };
}

function areaSample(play: Play, layout: Layout, random: Prng): Sample {
  const size = random.range(2, 4) * pageBytes(layout);
  const { address } = addressOf(play.do({ kind: 'vmalloc', object: AREA, size }));
  return { sort: 'vmalloc', space: 'virtual', address: address + BigInt(somewhere(size, random)) };
}

/** A page that may be high: its frame, and the slot that kmap() gives it, if it is. */
function highSamples(play: Play, layout: Layout, random: Prng): Sample[] {
  const pfn = play.do(pageAlloc(HIGH, 0, GFP_HIGHUSER)).folded.outcomes.pfnAt(0);
  const inPage = BigInt(somewhere(pageBytes(layout), random));
  const address = (BigInt(pfn) << BigInt(layout.pageShift)) + inPage;
  if (pfn < layout.maxLowPfn) return [{ sort: 'low frame', space: 'physical', address }];
  const slot = addressOf(play.do({ kind: 'kmap', object: HIGH, page: 0 })).address;
  return [
    { sort: 'high frame', space: 'physical', address },
    { sort: 'kmap', space: 'virtual', address: slot + inPage },
    { sort: 'low frame', space: 'physical', address: lowFrame(play.machine, random) },
  ];
}

/** A byte of the kernel's own, behind the address that kmalloc() gave. */
function lowFrame(machine: Machine, random: Prng): bigint {
  const { layout, zones } = machine.platform;
  const low = zones.filter(({ name, managedPages }) => name !== 'HighMem' && managedPages > 0).at(-1)!;
  const pfn = low.startPfn + random.below(Math.min(low.spannedPages, layout.maxLowPfn - low.startPfn));
  return BigInt(pfn) << BigInt(layout.pageShift);
}

/** Numbers that follow from the layout: the kernel's code, fixed mappings, a device, what no region has. */
function placeSamples(layout: Layout, random: Prng): Sample[] {
  const { kernelImage, physicalBase } = layout;
  const image = regionOfKind(layout, 'kernel_image');
  const code = image && {
    start: image.start + kernelImage.start - physicalBase,
    end: image.start + kernelImage.end - physicalBase,
  };
  const device = layout.physical.find(({ name }) => name !== SYSTEM_RAM && /^0000:|APIC/.test(name));
  const hole = holesOf(layout);
  return [
    ...within('image', 'virtual', code, random),
    ...within('fixmap', 'virtual', layout.fixmap, random),
    ...within('device', 'physical', device, random),
    ...within('hole', 'virtual', hole.length > 0 ? random.pick(hole) : undefined, random),
  ];
}

function within(
  sort: Sample['sort'],
  space: AddressSpaceName,
  range: AddressRange | undefined,
  random: Prng,
): Sample[] {
  if (range === undefined || range.end <= range.start) return [];
  const words = (range.end - range.start) / 4n;
  const at =
    words > 2n ** 32n ? BigInt(random.uint32()) * (words >> 32n) : BigInt(random.below(Number(words)));
  return [{ sort, space, address: range.start + 4n * at }];
}

/** Between two regions. */
function holesOf({ regions }: Layout): AddressRange[] {
  return regions.slice(1).flatMap(({ start }, i) => {
    const below = regions[i]!;
    return start > below.end ? [{ start: below.end, end: start }] : [];
  });
}

/** What a device is given for a buffer; on some machines by an IOMMU. */
function busSamples(play: Play, layout: Layout, random: Prng): Sample[] {
  const length = pageBytes(layout) / 2;
  const deviceFlags = random.chance(1, 2) ? DEVICE_IOMMU : 0;
  play.do({ kind: 'device', device: DEVICE, maskBits: 32, deviceFlags });
  play.do(kmalloc(BUFFER, length));
  const transfer = transferOf(DEVICE, DMA_BIDIRECTIONAL);
  const played = play.do({ kind: 'dma_map_single', object: BUFFER, transfer, offset: 0, length });
  return statusOf(played) === 'ok' ? [{ sort: 'bus', space: 'bus', address: addressOf(played).address }] : [];
}

/** What the number is, by everything that the machine knows. */
export function explained({ machine }: Samples, { space, address }: Sample) {
  return explainAddress(machine, space, address, { pid: PID });
}
