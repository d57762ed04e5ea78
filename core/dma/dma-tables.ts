/**
 * Rows of the DMA tables: devices, what is mapped for them, and the segments that a mapping consists of. Rows of
 * mappings and segments are numbered from 1; 0 means none.
 */

import type { Draft } from '../machine/draft.ts';
import type { TableEdit } from '../state/table.ts';
import { DMA_VAR } from './state.ts';

/** Fields of a row of `devices`, by device number. */
export const DEVICE = {
  /** Address bits that the device drives (dma_set_mask); 0 when there is no such device. */
  maskBits: 0,
  /** Row of its root table in `tables` when it is behind an IOMMU, else 0. */
  root: 1,
  /** Live mappings. */
  mappings: 2,
} as const;

/** Fields of a row of `dmaMappings`. */
export const MAPPING = {
  /** Next mapping of the same object, or next free row. */
  next: 0,
  /** One of the kinds below; 0 when the row is free. */
  kind: 1,
  object: 2,
  /** Bytes [offset, offset + length) of the object. */
  offset: 3,
  lengthBytes: 4,
  device: 5,
  /** DMA_ of event/dma-flags.ts. */
  direction: 6,
  /** First segment. */
  segments: 7,
  /** Pages of I/O address space: the first one as `iovaHoles` numbers it, and how many. */
  iova: 8,
  iovaPages: 9,
} as const;

/** Kinds of mappings. */
export const COHERENT_MAPPING = 1;
export const SINGLE_MAPPING = 2;
export const PAGE_MAPPING = 3;
export const SG_MAPPING = 4;
export const MAPPING_NAMES = ['none', 'dma_alloc_coherent', 'dma_map_single', 'dma_map_page', 'dma_map_sg'];

/** Fields of a row of `dmaSegments`: a physically contiguous part of a mapped buffer. */
export const SEGMENT = {
  /** Next segment of the mapping, or next free row. */
  next: 0,
  pfn: 1,
  /** Byte in that frame. */
  start: 2,
  lengthBytes: 3,
  /** Bus address. */
  bus: 4,
  /** First slot of its bounce buffer + 1; 0 when the device reaches the memory itself. */
  slot: 5,
  /** 1 when the mapping holds a reference to each of its frames (pages of processes). */
  pinned: 6,
} as const;

/** A table, or one open for writing. */
export interface Readable {
  get(row: number, field: number): number;
}

/** The DMA tables of a machine or of a draft. */
interface DmaTables {
  readonly dmaMappings: Readable;
  readonly dmaSegments: Readable;
}

export function newMapping(draft: Draft): number {
  return takeRow(draft, draft.dmaMappings, DMA_VAR.mappingRows, DMA_VAR.freeMapping);
}

export function newSegment(draft: Draft): number {
  return takeRow(draft, draft.dmaSegments, DMA_VAR.segmentRows, DMA_VAR.freeSegment);
}

export function dropMapping(draft: Draft, row: number): void {
  giveRow(draft, draft.dmaMappings, row, DMA_VAR.freeMapping);
}

export function dropSegment(draft: Draft, row: number): void {
  giveRow(draft, draft.dmaSegments, row, DMA_VAR.freeSegment);
}

/** Both tables link their free rows by the first field. */
const NEXT = 0;

function takeRow({ vars }: Draft, table: TableEdit, rows: number, free: number): number {
  const reused = vars[free]!;
  if (reused === 0) return ++vars[rows]!;
  vars[free] = table.get(reused, NEXT);
  return reused;
}

function giveRow({ vars }: Draft, table: TableEdit, row: number, free: number): void {
  table.clear(row);
  table.set(row, NEXT, vars[free]!);
  vars[free] = row;
}

/** Rows of the segments of a mapping, in the order of the buffer. */
export function segmentsOf({ dmaMappings, dmaSegments }: DmaTables, mapping: number): number[] {
  const rows: number[] = [];
  for (let at = dmaMappings.get(mapping, MAPPING.segments); at !== 0; at = dmaSegments.get(at, SEGMENT.next))
    rows.push(at);
  return rows;
}
