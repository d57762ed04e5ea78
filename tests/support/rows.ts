/** Rows of events with what should become of them: a machine that is told one thing at a time. */
import { bootMachine } from '../../core/boot/boot.ts';
import { READ } from '../../core/event/access-mode.ts';
import { batchOf } from '../../core/event/batch.ts';
import { DMA_BIDIRECTIONAL, transferOf } from '../../core/event/dma-flags.ts';
import { __GFP_HIGHMEM, GFP_KERNEL } from '../../core/event/gfp.ts';
import type { EventHeader, MemoryEvent } from '../../core/event/kinds.ts';
import { MREMAP_MAYMOVE, PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import { fold } from '../../core/fold/fold.ts';
import { buildLayout, type LayoutOptions } from '../../core/layout/catalog/index.ts';
import type { Machine } from '../../core/machine/machine.ts';
import type { MachineOptions } from '../../core/machine/options.ts';
import { type CounterName, countersOf } from '../../core/outcome/counters.ts';
import {
  type AddressName,
  addressTypeOf,
  type FaultName,
  faultOf,
  STATUSES,
  type StatusName,
  type TranslationName,
  translationOf,
} from '../../core/outcome/outcome.ts';

export const PAGE = 4096;
export const MIB = 2 ** 20;

/** For whoever can use high memory. */
export const HIGH = GFP_KERNEL | __GFP_HIGHMEM;

/** An event without what is usually the same: cpu 0, no time between events. */
export type Step = MemoryEvent extends infer E ? (E extends MemoryEvent ? Loose<E> : never) : never;
type Loose<E extends MemoryEvent> = Omit<E, keyof EventHeader> & Partial<EventHeader>;

export function eventOf(step: Step): MemoryEvent {
  return { cpu: 0, thinkNs: 0, ...step } as MemoryEvent;
}

export const RW = PROT_READ | PROT_WRITE;

export const mmap = (object: number, length: number, flags = RW, file = 0): Step => ({
  kind: 'mmap',
  object,
  length,
  flags,
  file,
});
export const munmap = (object: number, offset: number, length: number): Step => ({
  kind: 'munmap',
  object,
  offset,
  length,
});
export const mprotect = (object: number, offset: number, length: number, prot: number): Step => ({
  kind: 'mprotect',
  object,
  offset,
  length,
  prot,
});
export const madvise = (object: number, offset: number, length: number, advice: number): Step => ({
  kind: 'madvise',
  object,
  offset,
  length,
  advice,
});
export const mlock = (object: number, offset: number, length: number): Step => ({
  kind: 'mlock',
  object,
  offset,
  length,
});
export const mremap = (object: number, length: number, mremapFlags = MREMAP_MAYMOVE): Step => ({
  kind: 'mremap',
  object,
  length,
  mremapFlags,
});
export const mremapFixed = (object: number, over: number, offset: number): Step => ({
  kind: 'mremap_fixed',
  object,
  over,
  offset,
});
export const brk = (object: number, length: number): Step => ({ kind: 'brk', object, length });
export const access = (object: number, offset: number, size: number, mode = READ): Step => ({
  kind: 'access',
  object,
  offset,
  size,
  mode,
});
export const pages = (object: number, order: number, gfp = GFP_KERNEL): Step => ({
  kind: 'page_alloc',
  object,
  order,
  gfp,
});
export const kmalloc = (object: number, size: number, gfp = GFP_KERNEL): Step => ({
  kind: 'kmalloc',
  object,
  size,
  gfp,
});

export const cache = (number: number, size: number, align = 0, slabFlags = 0): Step => ({
  kind: 'kmem_cache_create',
  cache: number,
  size,
  align,
  slabFlags,
});
export const fromCache = (object: number, number: number, gfp = GFP_KERNEL): Step => ({
  kind: 'kmem_cache_alloc',
  object,
  cache: number,
  gfp,
});
export const vmalloc = (object: number, size: number): Step => ({ kind: 'vmalloc', object, size });
export const ioremap = (object: number, size: number, pfn: number, offset = 0): Step => ({
  kind: 'ioremap',
  object,
  size,
  pfn,
  offset,
});

/** A device with a DMA mask of so many bits. */
export const device = (number: number, maskBits: number, deviceFlags = 0): Step => ({
  kind: 'device',
  device: number,
  maskBits,
  deviceFlags,
});
export const coherent = (object: number, to: number, size: number, gfp = GFP_KERNEL): Step => ({
  kind: 'dma_alloc_coherent',
  object,
  device: to,
  size,
  gfp,
});
/** Gives device `to` a buffer of an object. */
export const dmaMap = (
  as: 'single' | 'page' | 'sg',
  object: number,
  to: number,
  offset: number,
  length: number,
  direction = DMA_BIDIRECTIONAL,
): Step => ({ kind: `dma_map_${as}`, object, transfer: transferOf(to, direction), offset, length });
export const dmaUnmap = (object: number, from: number, offset = 0): Step => ({
  kind: 'dma_unmap',
  object,
  device: from,
  offset,
});
export const dmaSync = (object: number, to: number, owner: number, offset = 0): Step => ({
  kind: 'dma_sync',
  object,
  device: to,
  offset,
  owner,
});

/** What became of one event, in words. */
export interface Result {
  readonly status: StatusName;
  readonly vpn: number;
  readonly pfn: number;
  readonly latencyNs: number;
  readonly address: AddressName;
  readonly fault: FaultName;
  readonly tlb: TranslationName;
}

/** Folds all of it at once, of which batches show nothing; all of it has to work. */
export function folded(machine: Machine, steps: readonly Step[]): Machine {
  const { machine: next, outcomes } = fold(machine, batchOf(steps.map(eventOf)));
  const failed = outcomes.status.findIndex((status, i) => i < steps.length && status !== 0);
  if (failed < 0) return next;
  const { name } = STATUSES[outcomes.status[failed]!]!;
  throw new Error(`${JSON.stringify(steps[failed])}: ${name}, expected ok`);
}

/** A machine and its present state; every event that is asked about is a fold of its own. */
export class Session {
  machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  do(step: Step): Result {
    const { machine, outcomes } = fold(this.machine, batchOf([eventOf(step)]));
    this.machine = machine;
    const flags = outcomes.flags[0]!;
    return {
      status: STATUSES[outcomes.status[0]!]!.name,
      vpn: outcomes.vpn[0]!,
      pfn: outcomes.pfn[0]!,
      latencyNs: outcomes.latencyNs[0]!,
      address: addressTypeOf(flags).name,
      fault: faultOf(flags).name,
      tlb: translationOf(flags).name,
    };
  }

  status(step: Step): StatusName {
    return this.do(step).status;
  }

  /** Does what a row needs before its point; all of it has to work. */
  given(...steps: readonly Step[]): this {
    this.machine = folded(this.machine, steps);
    return this;
  }

  /**
   * One step after the other, until one fails or it is done; how many were. Many are folded at once; where that was too
   * many, fewer are tried from where it was.
   */
  repeat(step: (i: number) => Step, isDone = () => false): number {
    let count = 0;
    let isShort = false;
    for (
      let most = isDone() ? 0 : 1;
      most >= 1;
      most = isShort ? most / 2 : Math.min(2 * most, MOST_AT_ONCE)
    ) {
      const before = this.machine;
      const batch = batchOf(Array.from({ length: most }, (_, i) => eventOf(step(count + i))));
      const { machine, outcomes } = fold(before, batch);
      this.machine = machine;
      if (!isDone() && outcomes.status.subarray(0, most).every((status) => status === 0)) count += most;
      else [this.machine, isShort] = [before, true];
    }
    return !isDone() && this.status(step(count)) === 'ok' ? count + 1 : count;
  }

  counter(name: CounterName): number {
    return countersOf(this.machine.counters)[name];
  }
}

/** What fails may take longer than what does not. */
const MOST_AT_ONCE = 128;

/** A machine of a layout with `mib` MiB of RAM. */
export function machineOf(
  layout: string,
  mib: number,
  options: LayoutOptions = {},
  machine: MachineOptions = {},
): Machine {
  return bootMachine(buildLayout(layout, { ramBytes: BigInt(mib) << 20n, ...options }), machine);
}

/** The same machine whenever it is asked for: nothing changes one, and to boot it takes longer than many a test. */
export function bootedOnce(layout: string, mib: number, cpus = 1): Machine {
  const key = `${layout} ${mib} ${cpus}`;
  const machine = booted.get(key) ?? machineOf(layout, mib, { cpus });
  booted.set(key, machine);
  return machine;
}
const booted = new Map<string, Machine>();

export function sessionOf(...parameters: Parameters<typeof machineOf>): Session {
  return new Session(machineOf(...parameters));
}

/** Bounce buffers of 1 MiB: within reach of a device with 24 address bits, or just not. */
const NEAR_POOL: MachineOptions = { swiotlb: { bytes: MIB, belowBytes: 16 * MIB } };
const FAR_POOL: MachineOptions = { swiotlb: { bytes: MIB, belowBytes: 32 * MIB } };

/** A small machine of each kind: memory runs out within a few hundred events. */
export const SMALL_MACHINES: readonly { readonly name: string; boot(options?: MachineOptions): Machine }[] = [
  {
    name: '3g1g, 96 MiB, 32 of them high',
    boot: (o) => machineOf('3g1g', 96, { cpus: 4, highmemBytes: 32n << 20n }, { ...FAR_POOL, ...o }),
  },
  {
    name: 'linux-3g1g-pae, 128 MiB, 48 of them high',
    boot: (o) =>
      machineOf('linux-3g1g-pae', 128, { cpus: 4, highmemBytes: 48n << 20n }, { ...NEAR_POOL, ...o }),
  },
  {
    name: 'linux-x86_64, 64 MiB',
    boot: (o) => machineOf('linux-x86_64', 64, { cpus: 4 }, { ...NEAR_POOL, ...o }),
  },
];

/** First object of `starve`. */
const TAKEN = 1_000_000;

/** Takes all low memory that GFP_KERNEL can have (and all high memory), but for `leftPages` single pages. */
export function starve(machine: Machine, leftPages: number, highToo = true): Machine {
  const session = new Session(machine);
  let object = TAKEN;
  const takeAll = (gfp: number): void => {
    for (let order = 10; order >= 0; order--) object += session.repeat((i) => pages(object + i, order, gfp));
  };
  session.given(...Array.from({ length: 2 * leftPages }, () => pages(object++, 0)));
  takeAll(GFP_KERNEL);
  if (highToo) takeAll(HIGH);
  const single = (i: number): Step => ({ kind: 'page_free', object: TAKEN + 2 * i });
  return session.given(...Array.from({ length: leftPages }, (_, i) => single(i))).machine;
}

/** Process 1, running on cpu 0. */
export const RUNNING: readonly Step[] = [
  { kind: 'spawn', pid: 1 },
  { kind: 'switch', pid: 1 },
];
