/**
 * Custom layouts: an address space written down as JSON, checked field by field, as a member of the table of layouts.
 *
 * Sizes and addresses are texts ("0xc0000000", "896M") or numbers. Only what the machine cannot do without has to be
 * there; layout-export.ts writes all of it. The README shows a file.
 */

import type { Architecture } from '../../arch/architecture.ts';
import { withTables } from '../../arch/own-tables.ts';
import { UsageError } from '../../base/errors.ts';
import { MIB } from '../../base/units.ts';
import type {
  AddressRange,
  KernelImage,
  LayoutOptions,
  PageWindow,
  Region,
  RegionKind,
  Segment,
  Translation,
  UserParts,
} from '../layout.ts';
import type { LayoutMember } from '../member.ts';
import { buildPlanned, type LayoutPlan } from '../plan.ts';
import { REGION_NAMES, region } from '../regions.ts';
import { IMAGE_3G, movedTo } from '../x86/kernel-image.ts';
import { BYTES, FieldFaults, Fields, FLAG, oneOf, TEXT, wholeNumber } from './file-fields.ts';
import { checkPlan } from './layout-file-checks.ts';
import {
  ARCHITECTURE_NAMES,
  architectureNamed,
  bootedKernel,
  FAMILY_NAMES,
  type Family,
  familyNamed,
  usualArchitecture,
} from './platforms.ts';

export interface CustomLayout {
  readonly member: LayoutMember;
  /** The RAM of the file, if it says. */
  readonly memory: Pick<LayoutOptions, 'ramBytes' | 'memoryMap'>;
}

const FAMILY = oneOf(FAMILY_NAMES);
const ARCHITECTURE = oneOf(ARCHITECTURE_NAMES);
const WORD_BITS = oneOf([16, 32, 64]);
const PAGE_BYTES = oneOf([32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536]);
/** Kinds of regions that have no fields of their own. */
export const OTHER_KINDS = [
  'cpu_entry_area',
  'ldt',
  'modules',
  'vmemmap',
  'kernel_image',
  'uncached',
] as const;
/** Without an image of its own, a kernel is as large as the textbooks' and lies 1 MiB above the first address too. */
const imageAt = (physicalBase: bigint): KernelImage => movedTo(physicalBase + MIB, IMAGE_3G);

/** The layout that a file describes. `file` is its name, for messages. Throws a UsageError that tells all faults. */
export function parseLayoutFile(text: string, file: string): CustomLayout {
  const faults = new FieldFaults();
  const top = new Fields(parseJson(text, file), '', faults);
  const name = top.get('name', TEXT);
  const title = top.get('title', TEXT, `Custom layout of ${file}`);
  const family = familyNamed(top.get('family', FAMILY, 'textbook'))!;
  const memory = memoryOf(top);
  const arch = architectureOf(top, family);
  const physicalBase = top.get('physicalBase', BYTES, 0n);
  const plan = planOf(top, physicalBase, arch);
  top.done();
  checkPlan(plan, { arch, physicalBase }, faults);
  faults.throwIfAny(file);
  const { kernel, machine } = family;
  const ground = { arch, kernel, physicalBase };
  const member: LayoutMember = {
    name,
    family: family.name,
    title,
    ...ground,
    booted: bootedKernel(family, arch.name),
    minimumRamBytes: 1n << BigInt(arch.pageShift),
    machine,
    build: (input) => buildPlanned(plan, ground, input),
  };
  return { member, memory };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file}: found no JSON (${(error as Error).message}), expected a layout as JSON`);
  }
}

/** The one that the file names, or the usual one, with the tables of the file. */
function architectureOf(top: Fields, family: Family): Architecture {
  const wordBits = top.get('wordBits', WORD_BITS);
  const pageBytes = top.get('pageBytes', PAGE_BYTES, 4096);
  const virtualBits = top.get('virtualBits', wholeNumber(8, wordBits), wordBits);
  const translation = translationOf(top);
  const named = top.has('arch') ? architectureNamed(top.get('arch', ARCHITECTURE)) : undefined;
  return withTables(named ?? usualArchitecture(family, wordBits, translation.entryBytes), {
    wordBits,
    virtualBits,
    pageShift: Math.log2(pageBytes),
    translation,
    pageWindows: top.has('pageWindows') ? top.list('pageWindows').map(pageWindowOf) : undefined,
  });
}

function planOf(top: Fields, physicalBase: bigint, arch: Architecture): LayoutPlan {
  const pageBytes = 2 ** arch.pageShift;
  const user = top.in('user');
  const taskSize = user.get('end', BYTES);
  const stackTop = user.get('stackTop', BYTES, taskSize);
  const mmapBase = user.get('mmapBase', BYTES, stackTop - stackTop / 8n);
  const textBase = user.get('textBase', BYTES, BigInt(pageBytes));
  const userRegions = user.has('regions')
    ? user.list('regions').map(userRegionOf)
    : [region('user', { start: 0n, end: taskSize })];
  const userParts = user.has('parts') ? userPartsOf(user.in('parts')) : undefined;
  user.done();
  return {
    taskSize,
    stackTop,
    mmapBase,
    textBase,
    userRegions,
    userParts,
    segments: top.has('segments') ? segmentsOf(top.in('segments')) : undefined,
    ...kernelOf(top, physicalBase, arch),
    lowZones: top.list('zones').map(zoneOf),
  };
}

function translationOf(top: Fields): Translation {
  const levels = top.list('levels', 'is a fault').map((level) => {
    const read = {
      name: level.get('name', TEXT),
      bits: level.get('bits', wholeNumber(1, 20)),
      large: level.get('large', FLAG, false),
    };
    level.done();
    return read;
  });
  return {
    kind: top.get('translation', oneOf(['radix', 'radix-and-linear-windows', 'base-and-length']), 'radix'),
    levels: levels.map(({ name, bits }) => ({ name, bits })),
    entryBytes: top.get('entryBytes', oneOf([4, 8])),
    largePageLevels: levels.flatMap(({ large }, i) => (large ? [i] : [])),
    nx: top.get('noExecute', FLAG, false),
    linearPageBytes: top.has('linearPageBytes')
      ? top.get('linearPageBytes', wholeNumber(512, 2 ** 30))
      : undefined,
    walkReads: top.has('walkReads') ? walkReadsOf(top.in('walkReads')) : undefined,
  };
}

type KernelPlan = Omit<
  LayoutPlan,
  'taskSize' | 'stackTop' | 'mmapBase' | 'textBase' | 'lowZones' | 'userRegions' | 'userParts' | 'segments'
>;

function kernelOf(
  top: Fields,
  physicalBase: bigint,
  { port, pageShift, pointerBytes }: Architecture,
): KernelPlan {
  const kernel = top.in('kernel');
  const pageOffset = kernel.get('pageOffset', BYTES);
  const vmalloc = rangeOf(kernel.in('vmalloc'));
  const maxMem = kernel.get(
    'directMapBytes',
    BYTES,
    vmalloc.start > pageOffset ? vmalloc.start - pageOffset : 0n,
  );
  const fixmap = kernel.in('fixmap');
  const fixmapStart = fixmap.get('start', BYTES);
  const usualStackBytes = Math.max(2048 * pointerBytes, 2 ** pageShift);
  const plan = {
    pageOffset,
    maxMem,
    lowMemoryEnd: kernel.get('lowMemoryEnd', BYTES, physicalBase + maxMem),
    memoryEnd: kernel.get('memoryEnd', BYTES, 1n << BigInt(port.memoryBits)),
    vmalloc,
    pkmap: kernel.has('pkmap') ? pkmapOf(kernel.in('pkmap')) : undefined,
    fixmap: { start: fixmapStart, end: fixmap.get('end', BYTES) },
    fixmapTotalStart: fixmap.get('totalStart', BYTES, fixmapStart),
    modules: kernel.has('modules') ? rangeOf(kernel.in('modules')) : vmalloc,
    otherRegions: kernel.list('regions').map(regionOf),
    kernelImage: kernel.has('image') ? imageOf(kernel.in('image')) : imageAt(physicalBase),
    structPageBytes: kernel.get('structPageBytes', wholeNumber(1, 256), 8 * pointerBytes),
    kernelStackBytes: kernel.get('stackBytes', wholeNumber(2 ** pageShift, 2 ** 20), usualStackBytes),
  };
  fixmap.done();
  kernel.done();
  return plan;
}

function rangeOf(fields: Fields): AddressRange {
  const range = { start: fields.get('start', BYTES), end: fields.get('end', BYTES) };
  fields.done();
  return range;
}

function pkmapOf(fields: Fields): LayoutPlan['pkmap'] {
  const pkmap = { base: fields.get('base', BYTES), slots: fields.get('slots', wholeNumber(1, 8192)) };
  fields.done();
  return pkmap;
}

function regionOf(fields: Fields): Region {
  const kind: RegionKind = fields.get('kind', oneOf(OTHER_KINDS));
  const name = fields.get('name', TEXT, REGION_NAMES[kind]);
  return { ...region(kind, rangeOf(fields)), name };
}

function userRegionOf(fields: Fields): Region {
  const name = fields.get('name', TEXT);
  return { ...region('user', rangeOf(fields)), name };
}

const SEGMENT_FIELDS = [
  ['userCode', 'user code', 3],
  ['userData', 'user data', 3],
  ['kernelCode', 'kernel code', 0],
  ['kernelData', 'kernel data', 0],
] as const;

function segmentsOf(fields: Fields): Segment[] {
  const segments = SEGMENT_FIELDS.map(([field, name, usual]) => {
    const segment = fields.in(field);
    const base = segment.get('base', BYTES);
    const limit = segment.get('limit', BYTES);
    const privilege = segment.get('privilege', oneOf([0, 3]), usual);
    segment.done();
    return { name, base, limit, privilege };
  });
  fields.done();
  return segments;
}

function userPartsOf(fields: Fields): UserParts {
  const parts = {
    text: rangeOf(fields.in('text')),
    mmap: rangeOf(fields.in('mmap')),
    mmapUpwards: fields.get('mmapUpwards', FLAG, false),
    stack: rangeOf(fields.in('stack')),
  };
  fields.done();
  return parts;
}

function pageWindowOf(fields: Fields): PageWindow {
  const vpn = fields.get('vpn', wholeNumber(0, 2 ** 45));
  return { vpn, ...rangeOf(fields) };
}

function walkReadsOf(fields: Fields): { user: number; kernel: number } {
  const reads = {
    user: fields.get('user', wholeNumber(1, 8)),
    kernel: fields.get('kernel', wholeNumber(1, 8)),
  };
  fields.done();
  return reads;
}

function zoneOf(fields: Fields): LayoutPlan['lowZones'][number] {
  const zone = { name: fields.get('name', oneOf(['DMA', 'DMA32'])), end: fields.get('end', BYTES) };
  fields.done();
  return zone;
}

function imageOf(fields: Fields): KernelImage {
  const bytes = (name: string): bigint => fields.get(name, BYTES);
  const image = {
    start: bytes('start'),
    end: bytes('end'),
    code: rangeOf(fields.in('code')),
    rodata: rangeOf(fields.in('rodata')),
    data: rangeOf(fields.in('data')),
    bss: rangeOf(fields.in('bss')),
    brkEnd: bytes('brkEnd'),
    idtTable: bytes('idtTable'),
    rootTable: bytes('rootTable'),
    realModePages: fields.get('realModePages', wholeNumber(0, 64)),
  };
  fields.done();
  return image;
}

/** `ram`: a size, or the ranges of a memory map. */
function memoryOf(top: Fields): CustomLayout['memory'] {
  if (top.has('memoryMap')) {
    const memoryMap = top.list('memoryMap').map((entry) => {
      const name = entry.get('name', TEXT, 'System RAM');
      return { ...rangeOf(entry), name };
    });
    return { memoryMap };
  }
  return top.has('ram') ? { ramBytes: top.get('ram', BYTES) } : {};
}
