/** The geometry of slab caches, figure by figure what every captured kernel printed, and its rules on both sides. */
import { describe, expect, test } from 'vitest';
import {
  SLAB_ACCOUNT,
  SLAB_CACHE_DMA,
  SLAB_CACHE_DMA32,
  SLAB_CONSTRUCTOR,
  SLAB_HWCACHE_ALIGN,
  SLAB_NO_MERGE,
  SLAB_NOLEAKTRACE,
  SLAB_RECLAIM_ACCOUNT,
  SLAB_TRACE,
  SLAB_TYPESAFE_BY_RCU,
} from '../../../core/event/slab-flags.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import {
  mergesInto,
  orderFor,
  type SlabPlatform,
  type SlabRequest,
  slabGeometry,
  slabPlatform,
} from '../../../core/slab/geometry.ts';
import { parseSlabinfo } from '../../../traces/index.ts';
import { bootedMachines } from '../../captures/booted-machines.ts';
import type { CapturedSlabCache } from '../../captures/captured-machine.ts';
import type { OracleSlabProbe } from '../../captures/oracle-machine.ts';
import { layoutNameOf, optionsOf, oracleMachines } from '../../captures/oracle-machines.ts';
import { reportsIn, TRACED } from '../../captures/proc-files.ts';

/** Caches that are aligned as kmalloc's are: those of boot (create_boot_cache), and those of block/bio.c. */
const MINALIGNED = /^(kmem_cache(_node)?|bio-\d+)$/;

/** The letters in the name of a cache that others may join: `:A-0000128` (create_unique_id of mm/slub.c, v6.1). */
const FLAG_LETTERS: Readonly<Record<string, number>> = {
  d: SLAB_CACHE_DMA,
  D: SLAB_CACHE_DMA32,
  a: SLAB_RECLAIM_ACCOUNT,
  A: SLAB_ACCOUNT,
};

function probeRequest({ size_req, hwalign }: OracleSlabProbe): SlabRequest {
  return { objectSizeBytes: size_req, alignBytes: 0, flags: hwalign ? SLAB_HWCACHE_ALIGN : 0 };
}

function cacheRequest(cache: CapturedSlabCache, platform: SlabPlatform): SlabRequest {
  const { name, object_size: objectSizeBytes, align, hwcache_align } = cache;
  const [, letters = ''] = /^:(\w*)-/.exec(name) ?? [];
  const flags = [...letters].reduce((all, letter) => all | FLAG_LETTERS[letter]!, 0);
  const leastAlign = MINALIGNED.test(name) ? platform.kmallocMinBytes : 0;
  const byLine = { objectSizeBytes, alignBytes: leastAlign, flags: flags | SLAB_HWCACHE_ALIGN };
  // Who makes a cache may ask for more than the cache line's share.
  const isByLine = hwcache_align && slabGeometry(byLine, platform)!.alignBytes >= align;
  const request = isByLine ? byLine : { objectSizeBytes, alignBytes: align, flags };
  // /sys does not tell of a constructor, nor of objects that outlive their free: their free pointer is outside.
  const isOutside = slabGeometry(request, platform)!.sizeBytes !== cache.slab_size;
  return isOutside ? { ...request, flags: request.flags | SLAB_CONSTRUCTOR } : request;
}

describe.each(oracleMachines().map((machine) => [machine.id, machine] as const))('%s', (_, machine) => {
  const platform = slabPlatform(buildLayout(layoutNameOf(machine), optionsOf(machine)));

  test('caches made to be looked at', () => {
    for (const probe of machine.slab_probe) {
      const geometry = slabGeometry(probeRequest(probe), platform)!;
      const figures = {
        object_size: geometry.objectSizeBytes,
        slab_size: geometry.sizeBytes,
        align: geometry.alignBytes,
        inuse: geometry.inuseBytes,
        fp_offset: geometry.freePointerOffset,
        objs_per_slab: geometry.objectsPerSlab,
        order: geometry.order,
        min_objs: geometry.minObjects,
        min_order: geometry.minOrder,
        min_partial: geometry.minPartial,
      };
      expect(probe).toMatchObject(figures);
    }
  });
});

describe.each(bootedMachines())('$id', ({ oracle: machine, layout }) => {
  const platform = slabPlatform(layout);

  test('caches of the kernel', () => {
    for (const cache of machine.slabs) {
      const geometry = slabGeometry(cacheRequest(cache, platform), platform)!;
      expect(cache).toMatchObject({
        slab_size: geometry.sizeBytes,
        objs_per_slab: geometry.objectsPerSlab,
        order: geometry.order,
        align: geometry.alignBytes,
        min_partial: geometry.minPartial,
        cpu_partial: geometry.cpuPartialObjects,
      });
    }
  });

  test('/proc/slabinfo', () => {
    const named = new Map(machine.slabs.flatMap((cache) => namesOf(cache).map((name) => [name, cache])));
    const lines = machine.slabinfo.slice(2); // behind the version and the names of the columns
    expect(lines.length).toBe(machine.slabs.length);
    for (const line of lines) {
      const [name, , , size, objects, pages] = line.split(/\s+/);
      const geometry = slabGeometry(cacheRequest(named.get(name!)!, platform), platform)!;
      const ours = [geometry.sizeBytes, geometry.objectsPerSlab, 2 ** geometry.order];
      expect([name, ...ours]).toEqual([name, Number(size), Number(objects), Number(pages)]);
    }
  });

  test('caches that the kernel kept apart do not merge', () => {
    const shared = machine.slabs.filter(({ name }) => name.startsWith(':'));
    for (const older of shared) {
      for (const newer of shared) {
        if (older === newer) continue;
        const cache = { sizeBytes: older.slab_size, flags: cacheRequest(older, platform).flags };
        expect([newer.name, older.name, mergesInto(cacheRequest(newer, platform), cache, platform)]).toEqual([
          newer.name,
          older.name,
          false,
        ]);
      }
    }
  });
});

/** A cache that others joined goes by the name of its first user in /proc/slabinfo. */
function namesOf({ name, merged_names }: CapturedSlabCache): readonly string[] {
  return name.startsWith(':') ? merged_names : [name];
}

const X86_64: SlabPlatform = {
  pointerBytes: 8,
  cacheLineBytes: 64,
  minAlignBytes: 8,
  kmallocMinBytes: 8,
  pageBytes: 4096,
  maxOrder: 11,
  cpus: 1,
  smp: true,
  zoneDma: true,
  memcg: false,
};
const I386: SlabPlatform = { ...X86_64, pointerBytes: 4 };

const request = (objectSizeBytes: number, flags = 0, alignBytes = 0): SlabRequest => ({
  objectSizeBytes,
  alignBytes,
  flags,
});

describe('more cpus want more objects in a slab', () => {
  test.each([
    [1, 0, 8],
    [2, 1, 16],
    [4, 1, 16],
    [8, 2, 32],
    [64, 2, 32],
    [255, 3, 64],
  ])('%i cpus: order %i, %i objects of 512 bytes', (cpus, order, objectsPerSlab) => {
    expect(slabGeometry(request(512), { ...X86_64, cpus })).toMatchObject({ order, objectsPerSlab });
  });
});

test('six objects of 4688 bytes that leave between an eighth and a quarter of the slab are better than five', () => {
  const left = 8 * 4096 - 6 * 4688;
  expect([left > 4096, left < 8192]).toEqual([true, true]);
  expect(slabGeometry(request(4688), X86_64)).toMatchObject({ order: 3, objectsPerSlab: 6 });
});

test('a kernel for one cpu keeps no partial slabs by cpu', () => {
  expect(slabGeometry(request(64), { ...X86_64, smp: false })).toMatchObject({
    cpuPartialObjects: 0,
    cpuPartialSlabs: 0,
  });
  expect(slabGeometry(request(64), X86_64)).toMatchObject({ cpuPartialObjects: 120, cpuPartialSlabs: 4 });
});

describe('the free pointer', () => {
  test.each([
    ['in the middle', 100, 0, 48, 104],
    ['behind an object with a constructor', 100, SLAB_CONSTRUCTOR, 104, 112],
    ['behind an object that may be read when freed', 96, SLAB_TYPESAFE_BY_RCU, 96, 104],
  ])('%s', (_, size, flags, freePointerOffset, sizeBytes) => {
    expect(slabGeometry(request(size, flags), X86_64)).toMatchObject({ freePointerOffset, sizeBytes });
  });
});

describe('no slab can hold', () => {
  test.each([
    ['objects of nothing', request(0)],
    ['an alignment that is no power of two', request(64, 0, 48)],
    ['more than the largest block', request(4 * 2 ** 20 + 1)],
    ['an alignment beyond it', request(1, 0, 2 ** 23)],
  ])('%s', (_, wrong) => {
    expect(slabGeometry(wrong, X86_64)).toBeUndefined();
  });

  test('but the largest block is fine', () => {
    expect(slabGeometry(request(4 * 2 ** 20), X86_64)).toMatchObject({ order: 10, objectsPerSlab: 1 });
  });
});

describe('merging', () => {
  test.each([
    ['the same size', request(64), 64, 0, true],
    ['a few bytes less than a word', request(57), 64, 0, true],
    ['a word less', request(56), 64, 0, false],
    ['a byte more', request(65), 64, 0, false],
    ['an alignment that fits', request(64, SLAB_HWCACHE_ALIGN), 128, 0, false],
    ['aligned to what the older one is a multiple of', request(128, SLAB_HWCACHE_ALIGN), 128, 0, true],
    ['aligned to more than that', request(96, 0, 64), 96, 0, false],
    ['both reclaimable', request(64, SLAB_RECLAIM_ACCOUNT), 64, SLAB_RECLAIM_ACCOUNT, true],
    ['only one reclaimable', request(64), 64, SLAB_RECLAIM_ACCOUNT, false],
    ['only one for DMA', request(64, SLAB_CACHE_DMA), 64, 0, false],
    ['a constructor', request(64, SLAB_CONSTRUCTOR), 64, 0, false],
    ['freed by RCU', request(64, SLAB_TYPESAFE_BY_RCU), 64, 0, false],
    ['left out by kmemleak', request(64, SLAB_NOLEAKTRACE), 64, 0, false],
    ['traced', request(64, SLAB_TRACE), 64, 0, false],
    ['into one that refuses', request(64), 64, SLAB_NO_MERGE, false],
  ])('%s: %o into %i', (_, newer, sizeBytes, flags, merges) => {
    expect(mergesInto(newer, { sizeBytes, flags }, X86_64)).toBe(merges);
  });

  test.each([
    ['without control groups of memory', false, true],
    ['with them', true, false],
  ])('only one accounted, %s', (_, memcg, merges) => {
    const older = { sizeBytes: 64, flags: SLAB_ACCOUNT };
    expect(mergesInto(request(64), older, { ...X86_64, memcg })).toBe(merges);
  });

  test('objects of 52 bytes take 56 of a 32-bit kernel too: the least alignment is 8', () => {
    for (const platform of [I386, X86_64])
      expect(mergesInto(request(52), { sizeBytes: 56, flags: 0 }, platform)).toBe(true);
  });
});

test.each([
  [1, 0],
  [4096, 0],
  [4097, 1],
  [8192, 1],
  [8193, 2],
  [2 ** 22, 10],
  [2 ** 22 + 1, 11],
])('get_order(%i) is %i', (bytes, order) => {
  expect(orderFor(bytes, 4096)).toBe(order);
});

describe('/proc/slabinfo of traced x86-64 kernels of 6.18: one number of cpus explains all of it', () => {
  const reports = reportsIn(TRACED).filter(({ kind }) => kind === 'slabinfo');

  test.each(reports.map(({ text, place }) => [place.file.split('/').slice(-2).join('/'), text] as const))(
    '%s',
    (_, text) => {
      const figures = parseSlabinfo(text).map(({ name, objectBytes, objectsPerSlab, pagesPerSlab }) => [
        name,
        objectBytes,
        objectsPerSlab,
        pagesPerSlab,
      ]);
      expect(figures.length).toBeGreaterThan(100);
      const ours = [1, 2, 4, 8, 16, 32, 64, 128].map((cpus) =>
        figures.map(([name, objectBytes]) => {
          const geometry = slabGeometry(request(objectBytes as number), { ...X86_64, cpus })!;
          return [name, geometry.sizeBytes, geometry.objectsPerSlab, 2 ** geometry.order];
        }),
      );
      expect(ours).toContainEqual(figures);
    },
  );
});
