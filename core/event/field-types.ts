/**
 * What the fields of events are: numbers of things, sizes, flags. A type says how a value reads in the text of an
 * event, and, for a number that names something, in which number space it does. Rows of kinds.ts choose from these.
 */

import { CLONE_VM } from './clone-flags.ts';
import { DEVICE_IOMMU, SYNC_FOR_CPU, transferDevice } from './dma-flags.ts';
import {
  ADVICE_NAMES,
  accessModeText,
  mapFlagsText,
  protText,
  slabFlagsText,
  transferText,
} from './flag-text.ts';
import { gfpText } from './gfp-names.ts';
import { MREMAP_MAYMOVE } from './mmap-flags.ts';

/** Things are numbered apart, by their sort; see kinds.ts. */
export const SPACES = ['object', 'pid', 'file', 'cache', 'device'] as const;
export type Space = (typeof SPACES)[number];

/** How numbers are written; whoever writes the text chooses. */
export interface NumberText {
  bytes(bytes: number): string;
  hex(value: number): string;
  /** A kind of event, by its code. */
  kind(code: number): string;
}

/** A sort of field. All values are whole numbers of 32 bits, without a sign. */
export interface FieldType {
  /** In the text of an event; the empty string leaves it out. */
  text(value: number, write: NumberText): string;
  /** Of what it is a number. */
  readonly space?: Space;
  /** That number, when the value holds more; the value itself when this is left out. */
  readonly idOf?: (value: number) => number;
}

/** Numbers of things. */
export const OBJECT: FieldType = { space: 'object', text: (object) => `object ${object}` };
export const PID: FieldType = { space: 'pid', text: (pid) => `process ${pid}` };
export const CACHE: FieldType = { space: 'cache', text: (cache) => `cache ${cache}` };
export const DEVICE: FieldType = { space: 'device', text: (device) => `device ${device}` };
/** 0 is none. */
export const FILE: FieldType = { space: 'file', text: (file) => (file === 0 ? '' : `file ${file}`) };
/** Objects beside the one that the event is about. */
export const PAGES_OF: FieldType = { space: 'object', text: (object) => `pages of object ${object}` };
export const TAIL: FieldType = { space: 'object', text: (object) => `from there on object ${object}` };
export const OVER: FieldType = { space: 'object', text: (object) => `over object ${object}` };
/** A device, and the direction in which it reads or writes: dma-flags.ts. */
export const TRANSFER: FieldType = { space: 'device', idOf: transferDevice, text: transferText };

/** Bytes. */
export const SIZE: FieldType = { text: (bytes, write) => write.bytes(bytes) };
/** 0 goes without saying: to the end, or nothing. */
export const LENGTH: FieldType = { text: (bytes, write) => (bytes === 0 ? '' : write.bytes(bytes)) };
export const OFFSET: FieldType = { text: (bytes, write) => (bytes === 0 ? '' : `at +${write.hex(bytes)}`) };
export const ALIGN: FieldType = {
  text: (bytes, write) => (bytes === 0 ? '' : `aligned to ${write.bytes(bytes)}`),
};

/** Pages: log2 of how many, how many, which of an object, which of the physical address space (4 KiB each). */
export const ORDER: FieldType = { text: (order) => `order ${order}` };
export const NR_PAGES: FieldType = { text: (count) => `${count} pages` };
export const PAGE: FieldType = { text: (page) => `page ${page}` };
export const DEVICE_PFN: FieldType = { text: (pfn, write) => `pfn ${write.hex(pfn)}` };

/** Flags and choices. */
export const REQUEST: FieldType = { text: (code, write) => write.kind(code) };
export const GFP: FieldType = { text: gfpText };
export const ACCESS_MODE: FieldType = { text: accessModeText };
export const MAP_FLAGS: FieldType = { text: mapFlagsText };
export const PROT: FieldType = { text: protText };
export const ADVICE: FieldType = { text: (advice) => ADVICE_NAMES.get(advice) ?? `advice ${advice}` };
export const MREMAP_FLAGS: FieldType = { text: (flags) => (flags & MREMAP_MAYMOVE ? 'may move' : '') };
export const CLONE_FLAGS: FieldType = { text: (flags) => (flags & CLONE_VM ? 'the same address space' : '') };
export const SLAB_CACHE_FLAGS: FieldType = { text: slabFlagsText };
/** Without a sign: 1000 stands for 0. */
export const OOM_SCORE_ADJ: FieldType = { text: (adj) => `oom_score_adj ${adj - 1000}` };
export const MASK_BITS: FieldType = { text: (bits) => `${bits} address bits` };
export const DEVICE_FLAGS: FieldType = { text: (flags) => (flags & DEVICE_IOMMU ? 'behind an IOMMU' : '') };
export const SYNC_OWNER: FieldType = {
  text: (owner) => (owner === SYNC_FOR_CPU ? 'for the cpu' : 'for the device'),
};
