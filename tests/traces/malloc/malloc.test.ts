/** The model of malloc against glibc 2.36 itself, and against what must hold of any allocator. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Malloc,
  type MallocSizes,
  type MallocSystem,
  SIZES_32,
  SIZES_32_WIDE,
  SIZES_64,
} from '../../../traces/malloc/index.ts';

const MAPPINGS = 2 ** 44;
const PAGE = 4096;

/** Grants everything, and keeps what it has granted: pages of the heap, and mappings by where they begin. */
class Granting implements MallocSystem {
  heapEnd = 0;
  readonly mapped = new Map<number, number>();
  private lowest = MAPPINGS;
  readonly written: [start: number, end: number][] = [];

  sbrk(bytes: number): number {
    this.heapEnd += bytes;
    return this.heapEnd - bytes;
  }
  map(bytes: number): number {
    this.lowest -= bytes;
    this.mapped.set(this.lowest, bytes);
    return this.lowest;
  }
  unmap(address: number, bytes: number): void {
    if (this.mapped.get(address) === bytes) this.mapped.delete(address);
  }
  remap(address: number, _oldBytes: number, bytes: number): number {
    this.mapped.delete(address);
    return this.map(bytes);
  }
  reserve(bytes: number): number {
    this.lowest -= bytes;
    return this.lowest;
  }
  commit(): void {}
  discard(): void {}
  read(): void {}
  write(address: number, bytes: number): void {
    this.written.push([address, address + bytes]);
  }
}

/** Sections of a recording: a line `seed N`, then lines of words. */
function recorded(name: string): [seed: string, rows: string[][]][] {
  const path = join(import.meta.dirname, '../../fixtures/malloc', name);
  const [, ...parts] = gunzipSync(readFileSync(path))
    .toString()
    .split(/^seed /m);
  return parts.map((part) => {
    const [seed, ...rows] = part.trimEnd().split('\n');
    return [seed!, rows.map((row) => row.split(' '))];
  });
}

/** Recordings of each machine, by their seeds. */
function onMachines(kind: string): { machine: string; sizes: MallocSizes; seed: string; rows: string[][] }[] {
  return [
    { machine: 'x86-64', sizes: SIZES_64, name: 'glibc-2.36' },
    { machine: 'i386', sizes: SIZES_32_WIDE, name: 'glibc-2.36-i386' },
    { machine: 'ARM', sizes: SIZES_32, name: 'glibc-2.36-arm' },
  ].flatMap(({ name, ...machine }) =>
    recorded(`${name}${kind}`).map(([seed, rows]) => ({ ...machine, seed, rows })),
  );
}

/** Of a block of the heap its distance from the beginning; of others -1 and less, by the last bits of the address. */
const told = (place: number, low: number): number => (place < 2 ** 36 ? place : -(place % low) - 1);

describe('a program that calls malloc, calloc, memalign, realloc and free of random sizes', () => {
  // `[A alignment] m|c|a|r|f SLOT SIZE PLACE END-OF-HEAP MAPPINGS BYTES-MAPPED`, printed by the program itself after each call
  test.each(onMachines('.txt.gz'))(
    '$machine, seed $seed: blocks, brk and mappings are those of glibc',
    ({ sizes, rows }) => {
      const system = new Granting();
      const malloc = new Malloc(system, sizes);
      const slots = new Map<string, number>();
      for (const [at, row] of rows.entries()) {
        const alignment = row[0]!.startsWith('A') ? Number(row.shift()!.slice(1)) : 0;
        const [call, slot, size, ...expected] = row;
        const place = made(malloc, 0, call!, slots.get(slot!) ?? 0, Number(size), alignment);
        slots.set(slot!, place);
        const bytes = [...system.mapped.values()].reduce((sum, each) => sum + each, 0);
        const found = [place === 0 ? 0 : told(place, PAGE), system.heapEnd, system.mapped.size, bytes];
        expect([at, ...found]).toEqual([at, ...expected.map(Number)]);
      }
    },
  );

  // `THREAD m|c|a|r|f SLOT SIZE PLACE ALIGNMENT`; + begins a thread, whose stack asks for 34 words if it is new, - ends it
  test.each(onMachines('-threads.txt.gz'))(
    '$machine, seed $seed: in four threads, with arenas and heaps that come and go',
    ({ sizes, rows }) => {
      const malloc = new Malloc(new Granting(), sizes);
      const slots = new Map<string, number>();
      const threads = [0, 0, 0, 0];
      let [begun, stacks] = [0, 0];
      for (const [at, [thread, call, slot, size, expected, alignment]] of rows.entries()) {
        if (call === '+') {
          threads[Number(thread)] = ++begun;
          if (stacks > 0) stacks--;
          else malloc.calloc(0, 34 * sizes.wordBytes);
        } else if (call === '-') {
          malloc.endThread(threads[Number(thread)]!);
          stacks++;
        } else {
          const place = made(
            malloc,
            threads[Number(thread)]!,
            call!,
            slots.get(slot!) ?? 0,
            Number(size),
            Number(alignment),
          );
          slots.set(slot!, place);
          // mappings lie where the system wants, but arenas are aligned
          const low = isMapping(Number(expected), place, sizes.heapMaxBytes) ? PAGE : sizes.heapMaxBytes;
          const of = (number: number): number =>
            number < 0 && low === PAGE ? -((-number - 1) % PAGE) - 1 : number;
          expect([at, place === 0 ? 0 : told(place, low)]).toEqual([at, of(Number(expected))]);
        }
      }
    },
  );
});

const isMapping = (expected: number, place: number, heapMax: number): boolean =>
  expected < 0 &&
  place > MAPPINGS - 2 ** 40 &&
  told(place, heapMax) !== expected &&
  (-expected - 1) % PAGE === place % PAGE;

function made(
  malloc: Malloc,
  thread: number,
  call: string,
  old: number,
  size: number,
  alignment: number,
): number {
  if (call === 'm') return malloc.malloc(thread, size);
  if (call === 'c') return malloc.calloc(thread, size);
  if (call === 'a') return malloc.memalign(thread, alignment, size);
  if (call === 'r') return malloc.realloc(thread, old, size);
  malloc.free(thread, old);
  return 0;
}

/** What a program does next: which of its blocks, and of which size the next is to be. */
const step = fc.record({
  call: fc.constantFrom('m', 'c', 'a', 'r', 'f', 'f'),
  thread: fc.nat({ max: 2 }),
  which: fc.nat({ max: 40 }),
  size: fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: 5_000 }), fc.nat({ max: 400_000 })),
  alignment: fc.constantFrom(16, 64, 256, 4096),
});

describe('laws', () => {
  test('blocks are aligned, as large as asked for, and never lie on each other', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const malloc = new Malloc(new Granting());
        // the naive oracle: a list of the blocks in use
        const blocks: { start: number; end: number }[] = [];
        for (const { call, thread, which, size, alignment } of steps) {
          const isOfOld = call === 'r' || call === 'f';
          if (isOfOld && blocks.length === 0) continue;
          const [old] = isOfOld ? blocks.splice(which % blocks.length, 1) : [];
          const start = made(malloc, thread, call, old?.start ?? 0, Math.max(1, size), alignment);
          if (call === 'f') continue;
          const block = { start, end: start + malloc.usableBytes(start) };
          expect(block.end - start).toBeGreaterThanOrEqual(size);
          expect(start % (call === 'a' ? alignment : 16)).toBe(0);
          expect(blocks.filter((other) => other.start < block.end && block.start < other.end)).toEqual([]);
          blocks.push(block);
        }
      }),
    );
  });

  test('when all is free, mappings are gone, and the heap is as small as the trim threshold leaves it', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const system = new Granting();
        const malloc = new Malloc(system);
        const places = steps.map(({ size }) => malloc.malloc(0, size));
        const largest = Math.max(128 << 10, ...system.mapped.values());
        for (const place of places) malloc.free(0, place);
        expect(malloc.size).toBe(0);
        expect(system.mapped.size).toBe(0);
        // the next large request merges what the cache and the fast bins do not hold, and gives back
        malloc.free(0, malloc.malloc(0, 70_000));
        expect(system.heapEnd).toBeLessThanOrEqual(2 * largest + (128 << 10) + 400_000);
      }),
    );
  });

  test('calloc writes what may have been used, and leaves fresh memory alone', () => {
    const system = new Granting();
    const malloc = new Malloc(system);
    const writtenBy = (act: () => number): number => {
      system.written.length = 0;
      const place = act();
      return Math.max(
        0,
        ...system.written.filter(([start]) => start === place).map(([start, end]) => end - start),
      );
    };
    malloc.malloc(0, 24);
    // 132 KiB, less the thread's cache and the block before, are one top
    const top = 0x21000 - 0x290 - 0x20;
    expect(writtenBy(() => malloc.calloc(0, 131_000))).toBe(131_000);
    // what brk adds to the rest of it is zero
    expect(writtenBy(() => malloc.calloc(0, 131_000))).toBe(top - 131_008 - 8);
    // a mapping of its own is zero
    expect(writtenBy(() => malloc.calloc(0, 1 << 20))).toBe(0);
  });
});
