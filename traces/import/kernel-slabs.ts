/**
 * Slab objects of a kernel trace: pointers, hashed or not, become objects, and names of caches numbers. The
 * tracepoints do not tell all: objects may be freed in bulk or by RCU without a line, and those older than the trace
 * have no line that tells their size.
 */

import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { type EventStream, GIVEN_BACK } from './event-stream.ts';
import type { NamedIds } from './named-ids.ts';
import { NumberMap } from './number-map.ts';

const KMALLOC = EVENT_KINDS.kmalloc.code;
const KFREE = EVENT_KINDS.kfree.code;
const CREATE = EVENT_KINDS.kmem_cache_create.code;
const CACHE_ALLOC = EVENT_KINDS.kmem_cache_alloc.code;
const CACHE_FREE = EVENT_KINDS.kmem_cache_free.code;

/** A slab cache as an event names it. */
interface NamedCache {
  /** The number that events call it by: 1, 2, 3, ... in order of appearance. */
  readonly cache: number;
  readonly name: string;
  /** Bytes of an object, and their alignment: 0 when the size alone gives it. */
  readonly size: number;
  readonly align: number;
}

interface SlabRecord {
  /** Who asked. */
  readonly callSite: string;
  readonly ptr: number;
  readonly bytesReq: number;
  readonly bytesAlloc: number;
  readonly gfp: number;
}

interface CacheRecord extends SlabRecord {
  readonly cache: string;
}

interface KnownCache {
  readonly cache: number;
  readonly bytesAlloc: number;
}

/** Objects of any cache are aligned to words, of 32 bits or 64. */
const WORDS = [4, 8];
/** What a cache may ask for beyond that, likeliest first: a cache line or its half or quarter (SLAB_HWCACHE_ALIGN). */
const ALIGNMENTS = [64, 32, 16, 128, 256, 512, 1024, 2048, 4096];

export class SlabObjects {
  readonly caches: NamedCache[] = [];
  private readonly events: EventStream;
  private readonly numbers: NamedIds;
  /** Live objects by pointer. */
  private readonly live = new NumberMap();
  /** By object: the event that frees it. */
  private readonly freeKinds: number[] = [];
  private readonly cachesByName = new Map<string, KnownCache>();

  constructor(events: EventStream, numbers: NamedIds) {
    this.events = events;
    this.numbers = numbers;
  }

  kmalloc({ ptr, callSite, bytesReq, gfp }: SlabRecord): undefined {
    this.events.say(KMALLOC, this.newObject(ptr, callSite, KFREE), bytesReq, gfp);
  }

  cacheAlloc(record: CacheRecord): undefined {
    const object = this.newObject(record.ptr, record.callSite, CACHE_FREE);
    this.events.say(CACHE_ALLOC, object, this.cacheOf(record), record.gfp);
  }

  /** A request that failed, and that a machine with more memory may fulfil. */
  failKmalloc({ callSite, bytesReq, gfp }: SlabRecord): undefined {
    const object = this.numbers.take(callSite);
    this.events.say(KMALLOC, object, bytesReq, gfp);
    this.events.noteRefused(KMALLOC, object);
    this.giveBack(object, KFREE);
  }

  /** The same of a cache. */
  failCacheAlloc(record: CacheRecord): undefined {
    const object = this.numbers.take(record.callSite);
    this.events.say(CACHE_ALLOC, object, this.cacheOf(record), record.gfp);
    this.events.noteRefused(CACHE_ALLOC, object);
    this.giveBack(object, CACHE_FREE);
  }

  private giveBack(object: number, freeKind: number): void {
    this.events.imply(GIVEN_BACK, freeKind, object);
    this.numbers.give(object);
  }

  /** By kfree() or kmem_cache_free(): each may free objects of the other's. Says which it was. */
  free(ptr: number): 'kmalloc' | 'kmem_cache' | undefined {
    const object = this.live.get(ptr);
    if (object === 0) return undefined;
    const kind = this.freeKinds[object]!;
    this.events.say(kind, object);
    this.live.delete(ptr);
    this.numbers.give(object);
    return kind === KFREE ? 'kmalloc' : 'kmem_cache';
  }

  private newObject(ptr: number, callSite: string, freeKind: number): number {
    const before = this.live.get(ptr);
    if (before !== 0) {
      this.events.imply(
        'slab object freed without a line (RCU, in bulk, or lost)',
        this.freeKinds[before]!,
        before,
      );
      this.numbers.give(before);
    }
    const object = this.numbers.take(callSite);
    this.live.set(ptr, object);
    this.freeKinds[object] = freeKind;
    return object;
  }

  private cacheOf(record: CacheRecord): number {
    const { cache: name, bytesAlloc } = record;
    let known = this.cachesByName.get(name);
    // two caches may share a name
    if (known?.bytesAlloc !== bytesAlloc) known = this.cachesByName.get(`${name} ${bytesAlloc}`);
    return (known ?? this.newCache(record)).cache;
  }

  private newCache({ cache: name, bytesReq, bytesAlloc }: CacheRecord): KnownCache {
    const { size, align } = geometryOf(bytesReq, bytesAlloc);
    const known = { cache: this.caches.length + 1, bytesAlloc };
    this.cachesByName.set(this.cachesByName.has(name) ? `${name} ${bytesAlloc}` : name, known);
    this.caches.push({ cache: known.cache, name, size, align });
    this.events.imply('slab cache seen for the first time', CREATE, known.cache, size, align);
    return known;
  }
}

/** Size and alignment that make a cache whose objects of `bytesReq` bytes take `bytesAlloc`. */
export function geometryOf(bytesReq: number, bytesAlloc: number): { size: number; align: number } {
  if (WORDS.some((align) => roundUp(bytesReq, align) === bytesAlloc)) return { size: bytesReq, align: 0 };
  const align = ALIGNMENTS.find((align) => roundUp(bytesReq, align) === bytesAlloc);
  // otherwise there is something behind the object: a free pointer (SLAB_TYPESAFE_BY_RCU), red zones
  return align === undefined ? { size: bytesAlloc, align: 0 } : { size: bytesReq, align };
}

function roundUp(bytes: number, align: number): number {
  return Math.ceil(bytes / align) * align;
}
