/**
 * Custom layouts: an address space written down as JSON (schema.ts), checked field by field, as a member of the table of
 * layouts.
 *
 * Sizes and addresses are texts ("0xc0000000", "896M") or numbers. Only what the machine cannot do without has to be
 * there; layout-export.ts writes all of it. The README shows a file.
 */
import type { Architecture } from '../../arch/architecture.ts';
import { withTables } from '../../arch/own-tables.ts';
import { UsageError } from '../../base/errors.ts';
import { MIB } from '../../base/units.ts';
import { kernelNamed } from '../../kernel/linux.ts';
import type { Family } from '../family.ts';
import type { KernelBuild, LayoutOptions, Segment, Translation, UserParts } from '../layout.ts';
import type { LayoutMember } from '../member.ts';
import { buildPlanned, type Ground, type LayoutPlan } from '../plan.ts';
import { REGION_NAMES, region } from '../regions.ts';
import { unknownBoot } from '../unknown-boot.ts';
import { IMAGE_3G, movedTo } from '../x86/kernel-image.ts';
import { FieldFaults, readFields } from './faults.ts';
import { checkPlan } from './layout-file-checks.ts';
import { architectureNamed, bootedKernel, familyNamed, usualArchitecture } from './platforms.ts';
import { LAYOUT, type LayoutFields } from './schema.ts';

/** A layout from a file, and the RAM that it goes with. */
export interface CustomLayout {
  readonly member: LayoutMember;
  /** The RAM of the file, if it says. */
  readonly memory: Pick<LayoutOptions, 'ramBytes' | 'memoryMap'>;
}

/** The layout that a file describes. `file` is its name, for messages. Throws a UsageError that tells all faults. */
export function parseLayoutFile(text: string, file: string): CustomLayout {
  const faults = new FieldFaults();
  const given = readFields(LAYOUT, parseJson(text, file), faults);
  const family = familyNamed(given.family ?? 'textbook')!;
  const arch = architectureOf(given, family);
  const ground = { arch, physicalBase: given.physicalBase ?? 0n };
  const plan = planOf(given, ground);
  checkPlan(plan, ground, faults);
  faults.throwIfAny(file);
  const kernel = given.kernelVersion ? kernelNamed(given.kernelVersion) : family.kernel;
  const booted = bootedKernel(family, arch.name);
  const member: LayoutMember = {
    name: given.name,
    family: family.name,
    title: given.title ?? `Custom layout of ${file}`,
    ...ground,
    kernel,
    booted: kernel === family.kernel ? booted : unknownBoot(booted),
    minimumRamBytes: 1n << BigInt(arch.pageShift),
    machine: family.machine,
    build: (input) => buildPlanned(plan, ground, input),
  };
  return { member, memory: memoryOf(given) };
}

function parseJson(text: string, file: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    if (depthOf(json) <= MOST_DEPTH) return json;
  } catch (error) {
    throw new UsageError(`${file}: found no JSON (${(error as Error).message}), expected a layout as JSON`);
  }
  throw new UsageError(
    `${file}: found objects and lists nested deeper than ${MOST_DEPTH}, expected a layout as JSON: write it as \`vmsplit layouts NAME --export\` does`,
  );
}

/** More than any field of a layout needs; what walks over values does so by recursion. */
const MOST_DEPTH = 16;

/** Level by level, up to a level more than there may be. */
function depthOf(json: unknown): number {
  let level = [json];
  for (let depth = 0; depth <= MOST_DEPTH; depth++) {
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
    if (level.length === 0) return depth;
  }
  return MOST_DEPTH + 1;
}

/** `memoryMap`: the ranges of a memory map; `ram`: a size. */
function memoryOf({ memoryMap, ram }: LayoutFields): CustomLayout['memory'] {
  if (memoryMap)
    return { memoryMap: memoryMap.map(({ name, ...range }) => ({ ...range, name: name ?? 'System RAM' })) };
  return ram === undefined || ram === null ? {} : { ramBytes: ram };
}

/** The one that the file names, or the usual one, with the tables of the file. */
function architectureOf(given: LayoutFields, family: Family): Architecture {
  const { wordBits, entryBytes, arch, pageWindows } = given;
  const base = arch ? architectureNamed(arch)! : usualArchitecture(family, wordBits, entryBytes);
  return withTables(base, {
    wordBits,
    virtualBits: given.virtualBits ?? wordBits,
    pageShift: Math.log2(given.pageBytes ?? 4096),
    translation: translationOf(given),
    pageWindows: pageWindows ?? undefined,
  });
}

function translationOf({ levels, entryBytes, ...given }: LayoutFields): Translation {
  return {
    kind: given.translation ?? 'radix',
    levels: levels.map(({ name, bits, tablesPerPage, offsetBytes }) => ({
      name,
      bits,
      ...(tablesPerPage && { tablesPerPage }),
      ...(offsetBytes && { offsetBytes }),
    })),
    entryBytes,
    largePageLevels: levels.flatMap(({ large }, i) => (large ? [i] : [])),
    nx: given.noExecute ?? false,
    linearPageBytes: given.linearPageBytes ?? undefined,
    walkReads: given.walkReads ?? undefined,
  };
}

function planOf(given: LayoutFields, ground: Ground): LayoutPlan {
  return { ...userPlan(given, ground), ...kernelPlan(given.kernel, ground), lowZones: given.zones ?? [] };
}

type UserFields =
  | 'taskSize'
  | 'stackTop'
  | 'mmapBase'
  | 'mmapLegacyBase'
  | 'textBase'
  | 'userRegions'
  | 'userParts'
  | 'segments';

function userPlan({ user, segments }: LayoutFields, { arch }: Ground): Pick<LayoutPlan, UserFields> {
  const { end, regions, parts } = user;
  const stackTop = user.stackTop ?? end;
  return {
    taskSize: end,
    stackTop,
    mmapBase: user.mmapBase ?? stackTop - stackTop / 8n,
    ...(user.mmapLegacyBase && { mmapLegacyBase: user.mmapLegacyBase }),
    textBase: user.textBase ?? 1n << BigInt(arch.pageShift),
    userRegions: regions
      ? regions.map(({ name, ...range }) => ({ ...region('user', range), name }))
      : [region('user', { start: 0n, end })],
    userParts: parts ? partsOf(parts) : undefined,
    segments: segments ? segmentsOf(segments) : undefined,
  };
}

function partsOf({ mmapUpwards, ...parts }: NonNullable<LayoutFields['user']['parts']>): UserParts {
  return { ...parts, mmapUpwards: mmapUpwards ?? false };
}

const SEGMENT_FIELDS = [
  ['userCode', 'user code', 3],
  ['userData', 'user data', 3],
  ['kernelCode', 'kernel code', 0],
  ['kernelData', 'kernel data', 0],
] as const;

function segmentsOf(segments: NonNullable<LayoutFields['segments']>): Segment[] {
  return SEGMENT_FIELDS.map(([field, name, usual]) => {
    const { base, limit, privilege } = segments[field];
    return { name, base, limit, privilege: privilege ?? usual };
  });
}

function buildOf({
  dmaZoneBytes,
  structPageBytes,
  maxOrder,
  memcg,
  thp,
  ...build
}: NonNullable<LayoutFields['kernel']['build']>): KernelBuild {
  return {
    ...build,
    ...(dmaZoneBytes && { dmaZoneBytes }),
    ...(structPageBytes && { structPageBytes }),
    ...(maxOrder && { maxOrder }),
    ...(memcg && { memcg }),
    ...(thp && { thp }),
  };
}

function kernelPlan(
  kernel: LayoutFields['kernel'],
  { arch, physicalBase }: Ground,
): Omit<LayoutPlan, UserFields | 'lowZones'> {
  const { pageOffset, fixmap } = kernel;
  const { end, reserve } = kernel.vmalloc;
  // With a reserve it begins above low memory, which ends as far below as the reserve is.
  const start = kernel.vmalloc.start ?? end - (reserve ?? 0n);
  const vmalloc = { start: reserve ? end - reserve : start, end };
  const { pointerBytes, pageShift, port } = arch;
  const room = vmalloc.start > pageOffset ? vmalloc.start - pageOffset : 0n;
  const maxMem = kernel.directMapBytes ?? room;
  const reach = 1n << BigInt(port.memoryBits);
  return {
    pageOffset,
    maxMem,
    // With a reserve it follows from that.
    lowMemoryEnd: kernel.lowMemoryEnd ?? (reserve ? reach : physicalBase + maxMem),
    memoryEnd: kernel.memoryEnd ?? reach,
    vmalloc,
    ...(reserve && { vmallocReserve: reserve }),
    pkmap: kernel.pkmap ?? undefined,
    fixmap: { start: fixmap.start, end: fixmap.end },
    fixmapTotalStart: fixmap.totalStart ?? fixmap.start,
    modules: kernel.modules ?? vmalloc,
    ...(kernel.build && { build: buildOf(kernel.build) }),
    otherRegions: (kernel.regions ?? []).map(({ kind, name, ...range }) => ({
      ...region(kind, range),
      name: name ?? REGION_NAMES[kind],
    })),
    // Without an image of its own, a kernel is as large as the textbooks' and lies 1 MiB above the first address too.
    kernelImage: kernel.image ?? movedTo(physicalBase + MIB, IMAGE_3G),
    structPageBytes: kernel.structPageBytes ?? 8 * pointerBytes,
    kernelStackBytes: kernel.stackBytes ?? Math.max(2048 * pointerBytes, 2 ** pageShift),
  };
}
