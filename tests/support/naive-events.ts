/**
 * Random events, lawful or not: dead and reused ids, sizes from 0 to 4 GiB, offsets at and beyond every edge, any
 * mode, any cpu, kinds that do not exist. Nine of ten are tamed, so that they find what they name.
 */
import fc from 'fast-check';
import { KERNEL_MODE, READ, WRITE } from '../../core/event/access-mode.ts';
import { type Batch, BatchBuilder } from '../../core/event/batch.ts';
import { CLONE_THREAD, CLONE_VFORK, CLONE_VM } from '../../core/event/clone-flags.ts';
import { DEVICE_IOMMU, transferDevice, transferDirection, transferOf } from '../../core/event/dma-flags.ts';
import {
  __GFP_HIGHMEM,
  GFP_ATOMIC,
  GFP_DMA,
  GFP_DMA32,
  GFP_HIGHUSER_MOVABLE,
  GFP_KERNEL,
} from '../../core/event/gfp.ts';
import { EVENT_KINDS, KIND_NAMES, type KindName } from '../../core/event/kinds.ts';
import {
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MADV_WILLNEED,
  MAP_POPULATE,
  MAP_SHARED,
  MREMAP_MAYMOVE,
  PLACE_MMAP,
  PLACE_PIE,
  PLACE_STACK,
  PLACE_TEXT,
  PLACE_VDSO,
} from '../../core/event/mmap-flags.ts';
import {
  SLAB_CACHE_DMA,
  SLAB_CONSTRUCTOR,
  SLAB_HWCACHE_ALIGN,
  SLAB_NO_MERGE,
  SLAB_RECLAIM_ACCOUNT,
} from '../../core/event/slab-flags.ts';

/** A row of a batch: kind, cpu, thinkNs, object, a, b, c. */
export type Row = readonly [number, number, number, number, number, number, number];

const U32_MAX = 2 ** 32 - 1;
const PAGE = 4096;

const cpu = fc.nat(3);
const thinkNs = fc.constantFrom(0, 1, 1000);
const pid = fc.oneof({ weight: 30, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.constant(U32_MAX) });
const object = fc.oneof(
  { weight: 60, arbitrary: fc.integer({ min: 1, max: 30 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 4096 + 7, U32_MAX) },
);
const file = fc.integer({ min: 1, max: 4 });
const mappedFile = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: file });
const sizeBytes = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 24 }).map((pages) => pages * PAGE) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(0, 1, 64, 100, 4095, 4097, 8192, 8193, 40_000, 300_000, 2 ** 20),
  },
  { weight: 2, arbitrary: fc.constantFrom(2 ** 22, 2 ** 22 + 1, 2 ** 24, 2 ** 28, 2 ** 31, U32_MAX) },
);
const offset = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.nat(25), fc.constantFrom(0, 1, 63, 2048, 4088, 4095))
      .map(([p, o]) => p * PAGE + o),
  },
  { weight: 1, arbitrary: fc.constantFrom(2 ** 20, 2 ** 22 - 1, 2 ** 31, U32_MAX - 1, U32_MAX) },
);
const gfp = fc.constantFrom(
  GFP_KERNEL,
  GFP_ATOMIC,
  GFP_DMA,
  GFP_DMA32,
  GFP_HIGHUSER_MOVABLE,
  GFP_KERNEL | __GFP_HIGHMEM,
  U32_MAX,
);
const order = fc.oneof(
  { weight: 12, arbitrary: fc.nat(4) },
  { weight: 4, arbitrary: fc.integer({ min: 5, max: 10 }) },
  { weight: 1, arbitrary: fc.constantFrom(11, 31, 32, U32_MAX) },
);
const mapFlags = fc
  .tuple(
    fc.nat(7),
    fc.constantFrom(0, 0, MAP_SHARED),
    fc.constantFrom(0, 0, MAP_POPULATE),
    fc.constantFrom(
      PLACE_MMAP,
      PLACE_MMAP,
      PLACE_MMAP,
      PLACE_TEXT,
      PLACE_STACK,
      PLACE_STACK,
      PLACE_PIE,
      PLACE_VDSO,
    ),
  )
  .map(([prot, shared, populate, place]) => (prot === 0 ? 3 : prot) | shared | populate | place);
const accessBytes = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(1, 4, 8, 64) },
  { weight: 1, arbitrary: fc.constantFrom(0, 4095, 4096, 4097, 9000, U32_MAX) },
);
const mode = fc.oneof(
  { weight: 30, arbitrary: fc.nat(15) },
  { weight: 1, arbitrary: fc.constantFrom(16, 32, U32_MAX) },
);
const page = fc.constantFrom(0, 0, 0, 1, 3, 1024, U32_MAX);
const devicePfn = fc.constantFrom(0xa0, 0xfe000, 0xfd000, 0x1000, 0, U32_MAX);
const cache = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 1, max: 6 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, U32_MAX) },
);
const objectBytes = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(1, 24, 60, 64, 100, 192, 700, 1024, 3000, 5000, 20_000) },
  { weight: 3, arbitrary: fc.constantFrom(0, 2 ** 22, 2 ** 22 + 1, U32_MAX) },
);
const align = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(0, 0, 0, 8, 64, 4096) },
  { weight: 2, arbitrary: fc.constantFrom(48, 2 ** 31, U32_MAX) },
);
const slabFlags = fc.constantFrom(
  0,
  0,
  SLAB_HWCACHE_ALIGN,
  SLAB_RECLAIM_ACCOUNT,
  SLAB_CACHE_DMA,
  SLAB_CONSTRUCTOR,
  SLAB_NO_MERGE,
  U32_MAX,
);
const vmapCount = fc.constantFrom(1, 2, 3, 40, 2000, 0, U32_MAX);
const alignBytes = fc.constantFrom(0, 1, PAGE, 2 ** 16, 2 ** 22, 3, 2 ** 31);
const prot = fc.nat(7);
const advice = fc.constantFrom(
  MADV_DONTNEED,
  MADV_DONTNEED,
  MADV_WILLNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  0,
  99,
);
const mremapFlags = fc.constantFrom(0, MREMAP_MAYMOVE, MREMAP_MAYMOVE);
const cloneFlags = fc.constantFrom(CLONE_VM, CLONE_VM | CLONE_VFORK, CLONE_VM | CLONE_THREAD, 0);
const zero = fc.constant(0);
const deviceNumber = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 2 ** 30 - 1, U32_MAX) },
);
const maskBits = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(24, 24, 25, 26, 32, 64) },
  { weight: 1, arbitrary: fc.constantFrom(0, 20, 65, U32_MAX) },
);
const deviceFlags = fc.constantFrom(0, 0, DEVICE_IOMMU, U32_MAX);
const transfer = fc
  .tuple(deviceNumber, fc.constantFrom(0, 1, 2, 2, 1, 0, 1, 2, 0, 3))
  .map(([number, direction]) => transferOf(number, direction) % 2 ** 32);
const dmaBytes = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(1, 64, 2048, 2049, 4096, 8192, 40_000) },
  { weight: 4, arbitrary: fc.constantFrom(0, 262_144, 262_145, 300_000, 2 ** 20, U32_MAX) },
);

type Columns = readonly [
  fc.Arbitrary<number>,
  fc.Arbitrary<number>,
  fc.Arbitrary<number>,
  fc.Arbitrary<number>,
];

/** How often each kind comes, and what its columns object, a, b, c hold. */
const RECIPES: Record<KindName, readonly [number, Columns]> = {
  spawn: [6, [pid, zero, zero, zero]],
  fork: [5, [pid, zero, zero, zero]],
  clone: [4, [pid, cloneFlags, zero, zero]],
  exec: [1, [zero, zero, zero, zero]],
  exit: [1, [zero, zero, zero, zero]],
  switch: [12, [pid, zero, zero, zero]],
  mmap: [14, [object, sizeBytes, mapFlags, mappedFile]],
  munmap: [5, [object, offset, sizeBytes, zero]],
  brk: [4, [object, sizeBytes, zero, zero]],
  mprotect: [8, [object, offset, sizeBytes, prot]],
  mremap: [6, [object, sizeBytes, mremapFlags, zero]],
  mremap_fixed: [4, [object, object, offset, zero]],
  madvise: [6, [object, offset, sizeBytes, advice]],
  mlock: [3, [object, offset, sizeBytes, zero]],
  munlock: [2, [object, offset, sizeBytes, zero]],
  file: [2, [file, sizeBytes, zero, zero]],
  file_read: [2, [file, offset, sizeBytes, zero]],
  file_drop: [1, [file, zero, zero, zero]],
  page_alloc: [14, [object, order, gfp, zero]],
  page_free: [6, [object, zero, zero, zero]],
  kmalloc: [12, [object, sizeBytes, gfp, zero]],
  kfree: [6, [object, zero, zero, zero]],
  kmem_cache_create: [5, [cache, objectBytes, align, slabFlags]],
  kmem_cache_alloc: [14, [object, cache, gfp, zero]],
  kmem_cache_free: [7, [object, zero, zero, zero]],
  kmem_cache_destroy: [2, [cache, zero, zero, zero]],
  vmalloc: [8, [object, sizeBytes, zero, zero]],
  vfree: [4, [object, zero, zero, zero]],
  kmap: [14, [object, page, zero, zero]],
  kunmap: [6, [object, page, zero, zero]],
  ioremap: [3, [object, sizeBytes, devicePfn, fc.constantFrom(0, 0, 0x20, U32_MAX)]],
  iounmap: [3, [object, zero, zero, zero]],
  vmap: [4, [object, object, vmapCount, zero]],
  vunmap: [2, [object, zero, zero, zero]],
  kmap_local: [12, [object, page, zero, zero]],
  kunmap_local: [6, [object, page, zero, zero]],
  vm_area: [3, [object, sizeBytes, alignBytes, zero]],
  free_vm_area: [2, [object, zero, zero, zero]],
  device: [8, [deviceNumber, maskBits, deviceFlags, zero]],
  dma_alloc_coherent: [6, [object, deviceNumber, sizeBytes, gfp]],
  dma_free_coherent: [4, [object, zero, zero, zero]],
  dma_map_single: [14, [object, transfer, offset, dmaBytes]],
  dma_map_page: [10, [object, transfer, offset, dmaBytes]],
  dma_map_sg: [14, [object, transfer, offset, dmaBytes]],
  dma_unmap: [18, [object, deviceNumber, offset, zero]],
  dma_sync: [6, [object, deviceNumber, offset, fc.constantFrom(0, 1, 1, 2)]],
  device_remove: [1, [deviceNumber, zero, zero, zero]],
  access: [90, [object, offset, accessBytes, mode]],
};

const anyU32 = fc.nat(U32_MAX);
const unknownKind = fc.tuple(fc.constantFrom(0, 200, 255), cpu, thinkNs, anyU32, anyU32, anyU32, anyU32);

const ALL_KINDS = Object.keys(RECIPES) as KindName[];

function wildRow(kinds: readonly KindName[]): fc.Arbitrary<Row> {
  return fc.oneof(
    { weight: kinds === ALL_KINDS ? 1 : 0, arbitrary: unknownKind },
    ...kinds.map((name) => {
      const [weight, columns] = RECIPES[name];
      return {
        weight,
        arbitrary: fc.tuple(fc.constant(EVENT_KINDS[name].code), cpu, thinkNs, ...columns),
      };
    }),
  );
}

/** Process 1 runs from the beginning, so that short streams do something too. */
const START: readonly Row[] = [
  [EVENT_KINDS.spawn.code, 0, 0, 1, 0, 0, 0],
  [EVENT_KINDS.switch.code, 0, 0, 1, 0, 0, 0],
];

/**
 * Streams of random events, of the given kinds only: mostly tame ones (see Tamer), so that much happens and memory
 * runs out. `wild` leaves every so manieth as it is; 0 tames them all.
 */
export function randomEvents(
  maxLength: number,
  kinds: readonly KindName[] = ALL_KINDS,
  wild = 10,
): fc.Arbitrary<Row[]> {
  const choice = fc.tuple(wildRow(kinds), fc.nat(2 ** 16), fc.nat(Math.max(wild - 1, 0)));
  return fc.array(choice, { maxLength, size: 'max' }).map((choices) => {
    const tamer = new Tamer();
    const rows = choices.flatMap(([row, which, n]) =>
      burst(tamer.next(row, which, wild > 0 && n === 0), which),
    );
    return [...START, ...rows];
  });
}

/**
 * Checks something of random streams. To shrink a failing stream of a thousand events takes minutes, so that is
 * done with VMSPLIT_SHRINK=1 only; VMSPLIT_SEED=n gives other streams.
 */
export function forStreams(
  streams: fc.Arbitrary<Row[]>,
  numRuns: number,
  check: (rows: Row[]) => void,
): void {
  const endOnFailure = process.env.VMSPLIT_SHRINK !== '1';
  fc.assert(fc.property(streams, check), { numRuns, endOnFailure });
}

/** Makes of every fourth access a dozen: loads and stores that stay on a page for a while, then go to the next. */
function burst(row: Row, which: number): Row[] {
  const [code, cpu, thinkNs, object, offset, size, mode] = row;
  if (code !== EVENT_KINDS.access.code || which % 4 !== 0) return [row];
  return Array.from({ length: 12 }, (_, i): Row => {
    const at = offset + Math.floor(i / (1 + (which % 3))) * PAGE;
    const operation = ((which >> 4) >> i) & 1 ? WRITE : READ;
    return [
      code,
      cpu,
      thinkNs,
      object,
      at % 2 ** 32,
      size,
      i === 0 ? mode : operation | (mode & KERNEL_MODE),
    ];
  });
}

export function batchOfRows(rows: readonly Row[]): Batch {
  const builder = new BatchBuilder(rows.length);
  for (const columns of rows) builder.push(...columns);
  return builder.take();
}

/** Ends whatever a stream may have left: every process exits, every object is freed, every file dropped. */
export function cleanUp(rows: readonly Row[]): Row[] {
  const ids = [...new Set(rows.map((columns) => columns[3]))];
  const each = (kind: KindName): Row[] => ids.map((id) => [EVENT_KINDS[kind].code, 0, 0, id, 0, 0, 0]);
  const exits = each('switch').flatMap((row): Row[] => [row, [EVENT_KINDS.exit.code, 0, 0, 0, 0, 0, 0]]);
  const frees = FREES.flatMap(each);
  const removals = each('device_remove');
  return [...exits, ...unmaps(rows), ...frees, ...removals];
}

const MAPS = (['dma_map_single', 'dma_map_page', 'dma_map_sg'] as const).map(
  (kind) => EVENT_KINDS[kind].code,
);

/** Undoes every DMA mapping that there may be. */
function unmaps(rows: readonly Row[]): Row[] {
  return rows
    .filter(([code]) => (MAPS as readonly number[]).includes(code))
    .map(([, , , object, transfer, offset]) => [
      EVENT_KINDS.dma_unmap.code,
      0,
      0,
      object,
      transferDevice(transfer),
      offset,
      0,
    ]);
}

const FREES: readonly KindName[] = [
  'dma_free_coherent',
  'page_free',
  'kfree',
  'vfree',
  'iounmap',
  'vunmap',
  'free_vm_area',
  'file_drop',
  'kmem_cache_free',
  'kmem_cache_destroy',
];

/** Kinds that need no process: they happen on any cpu. */
const ANYWHERE: readonly (KindName | undefined)[] = [
  'switch',
  'kmalloc',
  'kfree',
  'kmem_cache_alloc',
  'kmem_cache_free',
  'device',
];

interface Known {
  readonly object: number;
  readonly kind: KindName;
  readonly sizeBytes: number;
}

/**
 * Turns rows into such as are likely to succeed: an id that is alive where one is needed, a new one for what comes
 * into being, offsets inside. Its books are rough (it believes that everything worked), which is nonsense enough.
 */
class Tamer {
  /** By pid: what it has mapped. */
  private readonly mapped = new Map<number, Known[]>([[1, []]]);
  /** By cpu: the pid that runs. */
  private readonly running = [1, 0, 0, 0];
  private kernel: Known[] = [];
  private readonly devices = new Set<number>();
  /** Object, device and offset of what is mapped for devices. */
  private readonly dma: [object: number, device: number, offset: number][] = [];
  /** By cpu: objects whose first page it has mapped with kmap_local, last at the end. */
  private readonly locals: number[][] = [[], [], [], []];
  private nextId = 100;

  next(row: Row, which: number, wild: boolean): Row {
    const [code, anyCpu, thinkNs, object, a, b, c] = row;
    const name = KIND_NAMES[code];
    if (wild || name === undefined) return row;
    const cpu = ANYWHERE.includes(name) || this.running[anyCpu] !== 0 ? anyCpu : 0;
    const make = (o: number, x = a, y = b, z = c): Row => [code, cpu, thinkNs, o, x, y, z];
    const mine = this.mapped.get(this.running[cpu]!) ?? [];
    switch (name) {
      case 'spawn':
      case 'fork':
      case 'clone':
        return make(this.born(which, name === 'spawn' ? [] : mine));
      case 'exec':
        this.mapped.set(this.running[cpu]!, []);
        return row;
      case 'exit':
        this.mapped.delete(this.running[cpu]!);
        this.running[cpu] = 0;
        return make(0);
      case 'switch':
        this.running[cpu] = pick([...this.mapped.keys()], which) ?? 0;
        return make(this.running[cpu]!);
      case 'mmap':
        return make(this.add(mine, name, a % 2 ** 23), a % 2 ** 23);
      case 'munmap':
        return make(
          pick(mine, which)?.object ?? object,
          a % PAGE_SPREAD,
          which % 3 === 0 ? 0 : b % PAGE_SPREAD,
        );
      case 'mprotect':
      case 'madvise': {
        const at = pick(mine, which);
        return make(at?.object ?? object, inside(at, a), which % 3 === 0 ? 0 : b % PAGE_SPREAD);
      }
      case 'mlock':
      case 'munlock': {
        const at = pick(mine, which);
        return make(at?.object ?? object, inside(at, a), 1 + (b % PAGE_SPREAD));
      }
      case 'mremap':
        return make(pick(mine, which)?.object ?? object, a % 2 ** 23);
      case 'mremap_fixed': {
        const over = pick(mine, which >> 4);
        const at = inside(over, b);
        return make(
          pick(mine, which)?.object ?? object,
          over?.object ?? object,
          at - (which % 8 === 0 ? 0 : at % PAGE),
        );
      }
      case 'brk':
        return make(1 + (which % 3 === 0 ? which % 30 : this.running[cpu]!));
      case 'file':
      case 'file_read':
        return make(object, a % 2 ** 23, b % 2 ** 23);
      case 'page_alloc':
        return make(this.add(this.kernel, name, PAGE * 2 ** Math.min(a, 10)));
      case 'kmalloc':
      case 'vmalloc':
      case 'ioremap':
      case 'vm_area':
        return make(this.add(this.kernel, name, a % 2 ** 23), a % 2 ** 23);
      case 'kmem_cache_alloc':
        return make(this.add(this.kernel, name, 8));
      case 'kmem_cache_free':
        return make(this.drop('kmem_cache_alloc', which) ?? object);
      case 'vmap': {
        const of = pick(this.named('page_alloc'), which)?.object ?? a;
        return make(this.add(this.kernel, name, (b % 64) * PAGE), of, b % 64);
      }
      case 'page_free':
        return make(this.drop('page_alloc', which) ?? object);
      case 'kfree':
        return make(this.drop('kmalloc', which) ?? object);
      case 'vfree':
        return make(this.drop('vmalloc', which) ?? object);
      case 'iounmap':
        return make(this.drop('ioremap', which) ?? object);
      case 'vunmap':
        return make(this.drop('vmap', which) ?? object);
      case 'free_vm_area':
        return make(this.drop('vm_area', which) ?? object);
      case 'kmap_local':
        return make(this.mapLocal(cpu, pick(this.named('page_alloc'), which)?.object ?? object), 0);
      case 'kunmap_local':
        return make((which % 4 === 0 ? this.locals[cpu]!.shift() : this.locals[cpu]!.pop()) ?? object, 0);
      case 'kmap':
      case 'kunmap':
        return make(pick(this.named('page_alloc'), which)?.object ?? object, a % 2);
      case 'device':
        return make(this.plug(1 + (which % 4)));
      case 'device_remove':
        return make(1 + (which % 4));
      case 'dma_alloc_coherent':
        return make(
          this.add(this.kernel, name, b % 2 ** 21),
          pick([...this.devices], which) ?? a,
          b % 2 ** 21,
        );
      case 'dma_free_coherent':
        return make(this.drop('dma_alloc_coherent', which) ?? object);
      case 'dma_map_single':
      case 'dma_map_page':
      case 'dma_map_sg': {
        const found = pick(which % 3 === 0 ? mine : this.kernel, which >> 2);
        if (found === undefined) return row;
        const at = which % 4 === 0 ? 0 : b % Math.max(found.sizeBytes, 1);
        const to = pick([...this.devices], which) ?? transferDevice(a);
        this.dma.push([found.object, to, at]);
        return make(
          found.object,
          transferOf(to, transferDirection(a)),
          at,
          Math.min(c, Math.max(found.sizeBytes - at, 1)),
        );
      }
      case 'dma_sync':
        return make(...(pick(this.dma, which) ?? [object, a, b]));
      case 'dma_unmap': {
        const [mapping] = this.dma.splice(which % Math.max(this.dma.length, 1), 1);
        return make(...(mapping ?? [object, a, b]));
      }
      case 'access': {
        const ofKernel = which % 3 === 0;
        const found = pick(ofKernel ? this.kernel : mine, which >> 2);
        if (found === undefined) return row;
        const mode = ofKernel ? (c & 1) | KERNEL_MODE : c & 15;
        return make(found.object, a % Math.max(found.sizeBytes, 1), b % PAGE, mode);
      }
      default:
        return row;
    }
  }

  private plug(device: number): number {
    this.devices.add(device);
    return device;
  }

  private mapLocal(cpu: number, object: number): number {
    this.locals[cpu]!.push(object);
    return object;
  }

  private born(which: number, inherited: readonly Known[]): number {
    const pid = 1 + (which % 6);
    if (!this.mapped.has(pid)) this.mapped.set(pid, inherited.slice());
    return pid;
  }

  private add(list: Known[], kind: KindName, sizeBytes: number): number {
    list.push({ object: this.nextId, kind, sizeBytes });
    return this.nextId++;
  }

  private named(kind: KindName): Known[] {
    return this.kernel.filter((known) => known.kind === kind);
  }

  private drop(kind: KindName, which: number): number | undefined {
    const found = pick(this.named(kind), which);
    this.kernel = this.kernel.filter((known) => known !== found);
    return found?.object;
  }
}

const PAGE_SPREAD = 16 * PAGE;

/** Of a long object (a stack) near its end. */
function inside(known: Known | undefined, offset: number): number {
  const end = known?.sizeBytes ?? 0;
  return end > 2 ** 20 ? end - 1 - (offset % (2 * PAGE_SPREAD)) : offset % PAGE_SPREAD;
}

function pick<T>(list: readonly T[], which: number): T | undefined {
  return list[which % Math.max(list.length, 1)];
}
