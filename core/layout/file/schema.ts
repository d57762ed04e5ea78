/** The fields of a layout file, by kind. What they have to be together is checked in layout-file-checks.ts. */
import type * as v from 'valibot';
import { isKernelVersion } from '../../kernel/linux.ts';
import { BYTES, FLAG, fields, kind, listOf, maybe, oneOf, TEXT, wholeNumber } from './kinds.ts';
import { ARCHITECTURE_NAMES, FAMILY_NAMES } from './platforms.ts';

/** A version of Linux: its watermarks, per-cpu lists and limits. */
const VERSION = kind('a version of Linux from 2.6.0 to 7.x such as "2.6.31"', '6.1', (value) =>
  typeof value === 'string' && isKernelVersion(value) ? value : undefined,
);

/** Kinds of regions that have no fields of their own. */
export const OTHER_KINDS = [
  'cpu_entry_area',
  'ldt',
  'modules',
  'vmemmap',
  'kernel_image',
  'vectors',
  'device_tree',
  'pci_io',
  'uncached',
] as const;

const RANGE = { start: BYTES, end: BYTES };
const SEGMENT = fields({ base: BYTES, limit: BYTES, privilege: maybe(oneOf([0, 3])) });

const USER = fields({
  end: BYTES,
  stackTop: maybe(BYTES),
  mmapBase: maybe(BYTES),
  mmapLegacyBase: maybe(BYTES),
  textBase: maybe(BYTES),
  regions: maybe(listOf(fields({ name: TEXT, ...RANGE }))),
  parts: maybe(
    fields({ text: fields(RANGE), mmap: fields(RANGE), mmapUpwards: maybe(FLAG), stack: fields(RANGE) }),
  ),
});

const IMAGE = fields({
  ...{ start: BYTES, end: BYTES, brkEnd: BYTES, idtTable: BYTES, rootTable: BYTES },
  ...{ code: fields(RANGE), rodata: fields(RANGE), data: fields(RANGE), bss: fields(RANGE) },
  realModePages: wholeNumber(0, 64),
});

const BUILD = fields({
  ...{ zoneDma: FLAG, hugetlb: FLAG, smallKernelPages: FLAG, kmapLocalKeepsApart: FLAG },
  ...{ dmaZoneBytes: maybe(BYTES), structPageBytes: maybe(wholeNumber(1, 256)) },
  ...{ memcg: maybe(FLAG), thp: maybe(FLAG), maxOrder: maybe(wholeNumber(1, 14)) },
});

const KERNEL = fields({
  pageOffset: BYTES,
  vmalloc: fields({ start: maybe(BYTES), end: BYTES, reserve: maybe(BYTES) }),
  directMapBytes: maybe(BYTES),
  fixmap: fields({ start: BYTES, end: BYTES, totalStart: maybe(BYTES) }),
  lowMemoryEnd: maybe(BYTES),
  memoryEnd: maybe(BYTES),
  pkmap: maybe(fields({ base: BYTES, slots: wholeNumber(1, 8192) })),
  modules: maybe(fields(RANGE)),
  regions: maybe(listOf(fields({ kind: oneOf(OTHER_KINDS), name: maybe(TEXT), ...RANGE }))),
  image: maybe(IMAGE),
  build: maybe(BUILD),
  structPageBytes: maybe(wholeNumber(1, 256)),
  stackBytes: maybe(wholeNumber(32, 2 ** 20)),
});

export const LAYOUT = fields({
  name: TEXT,
  title: maybe(TEXT),
  family: maybe(oneOf(FAMILY_NAMES)),
  arch: maybe(oneOf(ARCHITECTURE_NAMES)),
  kernelVersion: maybe(VERSION),
  ram: maybe(BYTES),
  memoryMap: maybe(listOf(fields({ ...RANGE, name: maybe(TEXT) }))),
  physicalBase: maybe(BYTES),
  wordBits: oneOf([16, 32, 64]),
  pageBytes: maybe(oneOf([32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536])),
  virtualBits: maybe(wholeNumber(8, 64)),
  levels: listOf(
    fields({
      name: TEXT,
      bits: wholeNumber(1, 20),
      tablesPerPage: maybe(oneOf([1, 2, 4])),
      offsetBytes: maybe(wholeNumber(0, 65_535)),
      large: maybe(FLAG),
    }),
  ),
  translation: maybe(oneOf(['radix', 'radix-and-linear-windows', 'base-and-length'])),
  entryBytes: oneOf([4, 8]),
  noExecute: maybe(FLAG),
  linearPageBytes: maybe(wholeNumber(512, 2 ** 30)),
  walkReads: maybe(fields({ user: wholeNumber(1, 8), kernel: wholeNumber(1, 8) })),
  pageWindows: maybe(listOf(fields({ vpn: wholeNumber(0, 2 ** 45), ...RANGE }))),
  user: USER,
  segments: maybe(fields({ userCode: SEGMENT, userData: SEGMENT, kernelCode: SEGMENT, kernelData: SEGMENT })),
  kernel: KERNEL,
  zones: maybe(listOf(fields({ name: oneOf(['DMA', 'DMA32']), end: BYTES }))),
});

/** What a file says, checked field by field. */
export type LayoutFields = v.InferOutput<typeof LAYOUT>;
