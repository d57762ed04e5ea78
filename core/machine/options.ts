/** What a machine may be booted with, beside its layout. */
import type { Costs } from '../base/cost.ts';
import type { CmaOptions } from '../boot/cma.ts';
import type { SwiotlbOptions } from '../dma/bounce-pool.ts';
import type { KernelArea } from '../kmap/kernel-areas.ts';
import type { InitialZoneMemory } from '../phys/initial-memory.ts';
import type { ReclaimOptions } from '../reclaim/settings.ts';
import type { ThpMode, ThpOptions } from '../thp/settings.ts';
import type { TlbMaker } from '../tlb/model.ts';
import type { MmuOptions } from '../tlb/options.ts';
import type { UserSpaceOptions } from '../vm/user-space.ts';

/** What a machine is told at boot beside its layout. */
export interface MachineOptions extends UserSpaceOptions {
  /** Reclaim pages when memory runs short; without it, allocations fail. */
  readonly reclaim?: ReclaimOptions;
  /** Transparent huge pages; never by default. Without effect where a kernel cannot have them. */
  readonly thp?: ThpMode | ThpOptions;
  /** fault_around_bytes: what a read fault of a file maps at once, of pages that are cached; 0, by default: its page. */
  readonly faultAroundBytes?: number;
  /** read_ahead_kb of the disk, in bytes: what is read of a file at once at most, by a fault or read(); 0, by default: its page. */
  readonly readaheadBytes?: number;
  readonly costs?: Partial<Costs>;
  readonly mmu?: Partial<MmuOptions>;
  /** TLBs of another make than `mmu` can describe. */
  readonly tlb?: TlbMaker;
  /** Bounce buffers for DMA: as the kernel would decide if not given; false for none. */
  readonly swiotlb?: SwiotlbOptions | false;
  /** Memory kept for contiguous buffers (cma=); undefined: the kernel is built without it. */
  readonly cma?: CmaOptions;
  /** Free blocks to start with, instead of all memory that boot does not need. */
  readonly memory?: readonly InitialZoneMemory[];
  /** Areas of the vmalloc window that are taken from the start, and stay. */
  readonly vmallocAreas?: readonly KernelArea[];
}
