/**
 * Kernel objects of another word size. A trace has the sizes of the kernel that it was recorded on; structures are made
 * of pointers and longs, and of data that is alike on all machines, so that on a kernel of 64 bits they are up to twice
 * as large as on one of 32. A replay as recorded and one that is scaled are the two ends between which the truth lies.
 *
 * What is scaled, by the ratio of the word sizes:
 *   kmem_cache_create  the size of objects, and an alignment to a word; other alignments are of the hardware
 *   kmalloc            sizes that a slab cache serves (KMALLOC_MAX_CACHE_SIZE of include/linux/slab.h, v6.1, for SLUB:
 *                      two pages of 4 KiB); what is larger comes from the page allocator and is data
 *   access             to such objects: the offset, so that the same part of the object is touched; its size stays, as
 *                      far as the object reaches
 *   dma_map_*,         of such objects: data for a device, as long as before; only where objects become smaller the
 *   dma_unmap,         offset is scaled, and the length cut at the end of the object
 *   dma_sync
 * Nothing else is: pages, vmalloc and files hold data; page tables, struct page and kernel stacks are the layout's own.
 */
import { type Batch, newBatch } from '../../core/event/batch.ts';
import { EVENT_KINDS, type KindName } from '../../core/event/kinds.ts';
import { Table, type TableEdit, type TableShape } from '../../core/state/table.ts';
import type { BatchSource } from '../source/source.ts';

const KMALLOC_MAX_CACHE_BYTES = 8192;

const codesOf = (...kinds: readonly KindName[]): ReadonlySet<number> =>
  new Set(kinds.map((kind) => EVENT_KINDS[kind].code));

const KMALLOC = EVENT_KINDS.kmalloc.code;
const CACHE_CREATE = EVENT_KINDS.kmem_cache_create.code;
const CACHE_ALLOC = EVENT_KINDS.kmem_cache_alloc.code;
const ACCESS = EVENT_KINDS.access.code;
const FREES = codesOf('kfree', 'kmem_cache_free');
const DMA_MAPS = codesOf('dma_map_single', 'dma_map_page', 'dma_map_sg');
const DMA_OFFSETS = codesOf('dma_map_single', 'dma_map_page', 'dma_map_sg', 'dma_unmap', 'dma_sync');

export type WordBits = 32 | 64;

/** How objects are scaled, and which there are. It is a value: scaling another batch makes the next one. */
export interface ObjectScale {
  readonly ratio: number;
  readonly recordedWordBytes: number;
  /** By number: scaled sizes in bytes, and one more, of live objects, and of objects of slab caches. */
  readonly sizes: Table;
}

const OBJECT = 0;
const CACHE = 1;
const SIZES_SHAPE: TableShape = { cells: 'float64', stride: 2, leafBits: 8 };

/**
 * From sizes of a kernel with words of `recordedBits` to those of one with words of `wantedBits`, before the first event.
 * Undefined: they stay as they are.
 */
export function objectScale(recordedBits: number, wantedBits: number): ObjectScale | undefined {
  if (recordedBits === wantedBits) return undefined;
  return {
    ratio: wantedBits / recordedBits,
    recordedWordBytes: recordedBits / 8,
    sizes: Table.empty(SIZES_SHAPE),
  };
}

/** The next batch of a trace, scaled, and the scale after it. The batch given stays as it is. */
export function scaleObjects(
  scale: ObjectScale,
  batch: Batch,
): { readonly batch: Batch; readonly scale: ObjectScale } {
  const { count, kind, cpu, thinkNs, object } = batch;
  const columns = { a: batch.a.slice(), b: batch.b.slice(), c: batch.c.slice() };
  const draft = new ScaleDraft(scale, columns);
  for (let at = 0; at < count; at++) draft.scaleOne(kind[at]!, object[at]!, at);
  return {
    batch: newBatch(count, { kind, cpu, thinkNs, object, ...columns }),
    scale: { ...scale, sizes: draft.seal() },
  };
}

/** All batches of a source from its beginning, scaled. */
export async function* scaledBatches(source: BatchSource, start: ObjectScale): AsyncGenerator<Batch> {
  let scale = start;
  for await (const batch of source) {
    const scaled = scaleObjects(scale, batch);
    yield scaled.batch;
    scale = scaled.scale;
  }
}

/** Columns of a batch that are written to. */
type Columns = Pick<Batch, 'a' | 'b' | 'c'>;

/** A scale while a batch goes through it. */
class ScaleDraft {
  private readonly ratio: number;
  private readonly recordedWordBytes: number;
  private readonly sizes: TableEdit;
  private readonly columns: Columns;

  constructor({ ratio, recordedWordBytes, sizes }: ObjectScale, columns: Columns) {
    this.ratio = ratio;
    this.recordedWordBytes = recordedWordBytes;
    this.sizes = sizes.edit();
    this.columns = columns;
  }

  scaleOne(kind: number, object: number, at: number): void {
    const { a } = this.columns;
    if (kind === ACCESS) this.scaleAccess(object, at);
    else if (kind === KMALLOC) a[at] = this.scaleKmalloc(object, a[at]!);
    else if (kind === CACHE_CREATE) this.scaleCache(object, at);
    else if (kind === CACHE_ALLOC) this.note(OBJECT, object, this.sizeOf(CACHE, a[at]!));
    else if (FREES.has(kind)) this.note(OBJECT, object, undefined);
    else if (DMA_OFFSETS.has(kind) && this.ratio < 1) this.scaleDma(kind, object, at);
  }

  seal(): Table {
    return this.sizes.seal();
  }

  private scaleKmalloc(object: number, sizeBytes: number): number {
    const scaled = sizeBytes <= KMALLOC_MAX_CACHE_BYTES ? this.scaled(sizeBytes) : undefined;
    this.note(OBJECT, object, scaled);
    return scaled ?? sizeBytes;
  }

  private scaleCache(cache: number, at: number): void {
    const { a, b } = this.columns;
    a[at] = this.scaled(a[at]!);
    if (b[at] === this.recordedWordBytes) b[at] = this.scaled(this.recordedWordBytes);
    this.note(CACHE, cache, a[at]!);
  }

  private scaleAccess(object: number, at: number): void {
    const { a, b } = this.columns;
    const sizeBytes = this.sizeOf(OBJECT, object);
    if (sizeBytes === undefined) return;
    a[at] = Math.floor(a[at]! * this.ratio);
    b[at] = within(b[at]!, sizeBytes - a[at]!);
  }

  private scaleDma(kind: number, object: number, at: number): void {
    const { b, c } = this.columns;
    const sizeBytes = this.sizeOf(OBJECT, object);
    if (sizeBytes === undefined) return;
    b[at] = Math.floor(b[at]! * this.ratio);
    if (DMA_MAPS.has(kind)) c[at] = within(c[at]!, sizeBytes - b[at]!);
  }

  private sizeOf(space: number, number: number): number | undefined {
    const noted = this.sizes.get(number >>> 0, space);
    return noted === 0 ? undefined : noted - 1;
  }

  private note(space: number, number: number, sizeBytes: number | undefined): void {
    const noted = sizeBytes === undefined ? 0 : sizeBytes + 1;
    if (this.sizes.get(number >>> 0, space) !== noted) this.sizes.set(number >>> 0, space, noted);
  }

  private scaled(bytes: number): number {
    return Math.ceil(bytes * this.ratio);
  }
}

/** What reached beyond the object as it was recorded does so still, and fails as it did. */
function within(bytes: number, room: number): number {
  return room <= 0 ? bytes : Math.min(bytes, room);
}
