/** Makes random events likely to succeed, so that much happens and memory runs out. */
import { KERNEL_MODE } from '../../core/event/access-mode.ts';
import { transferDevice, transferDirection, transferOf } from '../../core/event/dma-flags.ts';
import type { KindName } from '../../core/event/kinds.ts';
import { kindOf } from '../../core/event/vocabulary.ts';
import { PAGE } from '../support/rows.ts';

/** A row of a batch: kind, cpu, thinkNs, object, a, b, c. */
export type Row = readonly [number, number, number, number, number, number, number];

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
export class Tamer {
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
    const name = kindOf(code)?.name;
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
      case 'vma_split': {
        const at = pick(mine, which);
        return make(
          at?.object ?? object,
          this.add(this.kernel, name, 0),
          inside(at, b) - (inside(at, b) % PAGE),
        );
      }
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
