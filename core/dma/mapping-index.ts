/**
 * Where mappings are found: each is on the list of its object, and in an index by object, device and offset, so that a
 * driver that maps a large buffer piece by piece pays as much for the last piece as for the first. (The drivers of a
 * kernel keep bus addresses; our events name the buffer.)
 *
 *     objects[object].dma ── mapping ── MAPPING.next ── mapping         newest first; LINK.before leads back
 *     dmaBuckets[hash]    ── mapping ── LINK.nextInBucket ── mapping
 */
import type { Draft } from '../machine/draft.ts';
import type { Machine } from '../machine/machine.ts';
import { OBJECT } from '../state/objects.ts';
import { COHERENT_MAPPING, MAPPING, type Readable } from './dma-tables.ts';

/** Fields of a row of `dmaLinks`, by mapping. */
const LINK = { before: 0, nextInBucket: 1 } as const;

/** Those that are never used cost nothing (tables). */
const BUCKET_BITS = 18;
/** log2 of the bytes of a buffer whose offsets share a bucket, but for what is mixed in: neighbours lie side by side. */
const OFFSET_SHIFT = 10;

/** The tables of a machine or of a draft. */
interface MappingTables {
  readonly dmaMappings: Readable;
  readonly dmaLinks: Readable;
  readonly dmaBuckets: Readable;
}

/** The mapping of an object that begins at `offset`, made for `device`; 0 when there is none. */
export function findMapping(tables: MappingTables, object: number, device: number, offset: number): number {
  const { dmaMappings, dmaLinks, dmaBuckets } = tables;
  let at = dmaBuckets.get(bucketOf(object, device, offset), 0);
  for (; at !== 0; at = dmaLinks.get(at, LINK.nextInBucket)) {
    const isIt =
      dmaMappings.get(at, MAPPING.offset) === offset &&
      dmaMappings.get(at, MAPPING.object) === object &&
      dmaMappings.get(at, MAPPING.device) === device &&
      dmaMappings.get(at, MAPPING.kind) !== COHERENT_MAPPING;
    if (isIt) break;
  }
  return at;
}

/** Mappings that the index leads to, those that it leads to twice counted twice; for who checks a machine. */
export function indexedMappings({
  dmaBuckets,
  dmaLinks,
}: Pick<Machine, 'dmaBuckets' | 'dmaLinks'>): number[] {
  const rows: number[] = [];
  const end = 1 << BUCKET_BITS;
  for (
    let bucket = dmaBuckets.nextUsed(0, end);
    bucket < end;
    bucket = dmaBuckets.nextUsed(bucket + 1, end)
  ) {
    const inBucket = new Set<number>();
    for (let at = dmaBuckets.get(bucket, 0); at !== 0 && !inBucket.has(at); ) {
      inBucket.add(at);
      at = dmaLinks.get(at, LINK.nextInBucket);
    }
    rows.push(...inBucket);
  }
  return rows;
}

/** Makes a mapping the first of its object, and known to the index. */
export function linkMapping({ objects, dmaMappings, dmaLinks, dmaBuckets }: Draft, row: number): void {
  const object = dmaMappings.get(row, MAPPING.object);
  const next = objects.get(object, OBJECT.dma);
  dmaMappings.set(row, MAPPING.next, next);
  if (next !== 0) dmaLinks.set(next, LINK.before, row);
  objects.set(object, OBJECT.dma, row);
  const bucket = bucketOfMapping(dmaMappings, row);
  dmaLinks.set(row, LINK.nextInBucket, dmaBuckets.get(bucket, 0));
  dmaBuckets.set(bucket, 0, row);
}

/** Takes it off both. */
export function unlinkMapping(draft: Draft, row: number): void {
  const { objects, dmaMappings, dmaLinks } = draft;
  const before = dmaLinks.get(row, LINK.before);
  const next = dmaMappings.get(row, MAPPING.next);
  if (before === 0) objects.set(dmaMappings.get(row, MAPPING.object), OBJECT.dma, next);
  else dmaMappings.set(before, MAPPING.next, next);
  if (next !== 0) dmaLinks.set(next, LINK.before, before);
  leaveBucket(draft, row);
  dmaLinks.clear(row);
}

function leaveBucket({ dmaMappings, dmaLinks, dmaBuckets }: Draft, row: number): void {
  const bucket = bucketOfMapping(dmaMappings, row);
  const next = dmaLinks.get(row, LINK.nextInBucket);
  let at = dmaBuckets.get(bucket, 0);
  if (at === row) {
    dmaBuckets.set(bucket, 0, next);
    return;
  }
  while (dmaLinks.get(at, LINK.nextInBucket) !== row) at = dmaLinks.get(at, LINK.nextInBucket);
  dmaLinks.set(at, LINK.nextInBucket, next);
}

function bucketOfMapping(dmaMappings: Readable, row: number): number {
  const object = dmaMappings.get(row, MAPPING.object);
  return bucketOf(object, dmaMappings.get(row, MAPPING.device), dmaMappings.get(row, MAPPING.offset));
}

/** The multipliers are those of Knuth and of MurmurHash3: odd, with no pattern in their bits. */
function bucketOf(object: number, device: number, offset: number): number {
  const buffer = Math.imul(object, 0x9e37_79b1) ^ Math.imul(device, 0x85eb_ca6b);
  const within = Math.imul(offset & ((1 << OFFSET_SHIFT) - 1), 0xc2b2_ae35);
  return (
    ((buffer >>> (32 - BUCKET_BITS)) + (within >>> (32 - BUCKET_BITS)) + (offset >>> OFFSET_SHIFT)) &
    ((1 << BUCKET_BITS) - 1)
  );
}
