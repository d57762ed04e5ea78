/** What an x86 machine that booted Linux 6.1 printed: the keys of a file of the oracle. */
import type { CapturedMachine, CapturedRange } from './captured-machine.ts';

export interface OracleMachine extends CapturedMachine {
  readonly smp: number;
  readonly config: {
    readonly arch: 'i386' | 'x86_64';
    readonly vmsplit: string | null;
    readonly pae: boolean;
    readonly highmem: string | null;
    readonly levels: number;
    readonly nr_cpus: number;
  };
  readonly markers: readonly {
    readonly name: string;
    readonly ranges: readonly (CapturedRange & { readonly level: string })[];
  }[];
  readonly page_offset: string;
  readonly vmalloc_start: string;
  readonly vmalloc_end: string;
  readonly pkmap_base: string | null;
  readonly last_pkmap: number | null;
  readonly fixaddr_start: string;
  readonly fixaddr_top: string;
  readonly high_memory: string;
  readonly max_low_pfn: number;
  readonly max_pfn: number;
  readonly highstart_pfn: number | null;
  readonly task_size: string;
  readonly modules_vaddr: string;
  readonly modules_end: string;
  readonly cpu_entry_area_base: string | null;
  readonly ldt_base_addr: string | null;
  readonly e820: readonly string[];
  readonly high_total_kb: number;
  readonly mm: readonly {
    readonly mmap_base: string;
    readonly mmap_legacy_base: string;
    readonly task_size: string;
  }[];
  readonly vmalloc_plain_pages: readonly { readonly addr: string; readonly npages: number }[];
  readonly slab_probe: readonly OracleSlabProbe[];
}

/** A cache made to be looked at, and the first three objects of it (0x0: not asked for). */
export interface OracleSlabProbe {
  readonly name: string;
  readonly size_req: number;
  readonly hwalign: 0 | 1;
  readonly ok: 0 | 1;
  readonly object_size: number;
  readonly slab_size: number;
  readonly align: number;
  readonly inuse: number;
  readonly fp_offset: number;
  readonly objs_per_slab: number;
  readonly order: number;
  readonly min_objs: number;
  readonly min_order: number;
  readonly min_partial: number;
  readonly a0: string;
  readonly a1: string;
  readonly a2: string;
}
