/** What an ARM machine that booted Linux 6.1 printed: the keys of a file of the ARM oracle. */
import type { CapturedMachine, CapturedZone } from './captured-machine.ts';

export interface ArmMachine extends CapturedMachine {
  /** cpus given; 0: as many as the board has. */
  readonly smp: number;
  readonly config: {
    readonly arch: 'arm' | 'arm64';
    readonly vmsplit?: string;
    readonly lpae?: boolean;
    readonly highmem?: boolean;
    readonly page_size?: '4K' | '16K' | '64K';
    readonly va_bits?: number;
    readonly nr_cpus: number;
    readonly zone_dma: boolean;
    readonly hugetlb_page: boolean;
  };
  /** `cma`: pages of the zone that only movable requests may have; `boost`: of its marks. */
  readonly zones: readonly (Omit<CapturedZone, 'tag'> & { readonly cma?: number; readonly boost?: number })[];
  /** Lines of memblock's files: `   0: 0x40000000..0x7fffffff`. */
  readonly memblock: { readonly memory: readonly string[]; readonly reserved: readonly string[] };
  readonly lowmem_bounds?: readonly Readonly<Record<string, string>>[];
  readonly high_total_kb: number | null;
  readonly init: { readonly maps: readonly string[] };
}
