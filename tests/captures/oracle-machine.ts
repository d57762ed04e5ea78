/** What a machine that booted Linux 6.1 printed: the keys of a file of the oracle. */

export interface OracleMachine {
  readonly id: string;
  /** Of the kernel's build. */
  readonly variant: string;
  readonly ram_mb: number;
  readonly smp: number;
  readonly extra_cmdline: string;
  readonly config: {
    readonly arch: 'i386' | 'x86_64';
    readonly vmsplit: string | null;
    readonly pae: boolean;
    readonly highmem: string | null;
    readonly levels: number;
    readonly nr_cpus: number;
  };
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
  readonly iomem: readonly string[];
  readonly zones: readonly {
    readonly name: string;
    readonly start_pfn: number;
    readonly spanned: number;
    readonly present: number;
  }[];
  readonly zones_empty: readonly string[];
  readonly high_total_kb: number;
  readonly vmalloc_total_kb: number;
  readonly meminfo_kb: Readonly<Record<string, number>>;
  /** Header macros and variables by their names, 0x strings. */
  readonly consts: Readonly<Record<string, string>>;
  readonly dmesg_memory_lines: readonly string[];
  /** The dump of the kernel's page tables, cut to 60 ranges a part. */
  readonly markers: readonly {
    readonly name: string;
    readonly ranges: readonly {
      readonly start: string;
      readonly end: string;
      readonly level: string;
      readonly attr: string;
    }[];
  }[];
  readonly mm: readonly {
    readonly mmap_base: string;
    readonly mmap_legacy_base: string;
    readonly task_size: string;
  }[];
  /** By program: lines of its /proc/self/maps, and what it printed of its own addresses and pages. */
  readonly userspace: Readonly<
    Record<string, { readonly maps: readonly string[]; readonly records?: readonly string[] }>
  >;
  /** Logical addresses and their physical ones, as the kernel converted them. */
  readonly conversions: readonly {
    readonly kind: string;
    readonly va?: string;
    readonly virt_to_phys?: string;
    readonly phys_to_virt?: string;
    readonly pa?: string;
    readonly is_vmalloc?: 0 | 1;
    readonly virt_addr_valid?: 0 | 1;
  }[];
  /** Beside these keys, one for each table entry read: `pgd[768]`, ... */
  readonly page_table_walks: readonly ({
    readonly tag: string;
    readonly addr: string;
    readonly leaf: string;
  } & Record<string, string>)[];
  readonly vmalloc: readonly OracleArea[];
  /** get_vm_area(), given back at once, before each vmalloc. */
  readonly vmalloc_area_only: readonly OracleArea[];
  readonly vmalloc_plain_pages: readonly { readonly addr: string; readonly npages: number }[];
  readonly vmalloc_reuse: readonly { readonly freed: string; readonly again: string }[];
  readonly vmap_exhaust: readonly { readonly n: number; readonly addr: string }[];
  readonly vmap_exhaust_result: readonly OracleExhaust[];
  readonly vmalloc_exhaust_result: readonly OracleExhaust[];
  /** Lines of /proc/vmallocinfo, between the probes of ioremap and of vmalloc. */
  readonly vmallocinfo: readonly string[];
  readonly ioremap: readonly OracleIoremap[];
  readonly kmap: readonly OracleKmap[];
  readonly kmap_result: readonly {
    readonly count: number;
    readonly lowest: string;
    readonly highest: string;
  }[];
  readonly kmap_again_while_mapped: readonly { readonly first: string; readonly second: string }[];
  readonly kmap_again_after_kunmap: readonly { readonly first: string; readonly second: string }[];
  readonly kmap_checks: readonly {
    readonly addr: string;
    readonly is_vmalloc: 0 | 1;
    readonly virt_addr_valid: 0 | 1;
    readonly page_address: string;
    readonly kmap_to_page_ok: 0 | 1;
  }[];
  readonly kmap_local: readonly (Readonly<Record<string, string>> & { readonly kind: string })[];
  readonly kmap_atomic: readonly { readonly kind: string; readonly addr: string }[];
  readonly alloc_pages: readonly OracleAlloc[];
  /** Pages taken one after the other, then all given back; and the same once more. */
  readonly alloc_seq: readonly OracleSequence[];
  readonly alloc_seq_after_free: readonly OracleSequence[];
  /** Blocks taken and given back at once, with `buddy_snapshots` before, while held, and after. */
  readonly buddy_split: readonly { readonly order: number; readonly pfn: string }[];
  readonly freelists: readonly OracleFreeList[];
  readonly buddy_snapshots: readonly OracleBuddy[];
  readonly zone_snapshots: readonly OracleZone[];
  /** Runs of blocks taken from one zone, until nothing is given any more. */
  readonly zone_fallback: readonly {
    readonly gfp: string;
    readonly order: number;
    readonly zone: string;
    readonly run: number;
  }[];
  readonly zone_fallback_state: readonly OracleFallback[];
  readonly kmalloc: readonly OracleKmalloc[];
  readonly kmalloc_caches: readonly OracleKmallocCache[];
  readonly slabs: readonly OracleSlabCache[];
  readonly slab_probe: readonly OracleSlabProbe[];
  /** Lines of /proc/slabinfo. */
  readonly slabinfo: readonly string[];
}

/** One area of the vmalloc window; without an address when it failed. */
interface OracleArea {
  readonly size: number;
  readonly ok: 0 | 1;
  readonly addr?: string;
  readonly area_size?: number;
  readonly nr_pages?: number;
  readonly is_vmalloc?: 0 | 1;
  readonly virt_addr_valid?: 0 | 1;
  readonly __pa?: string;
  readonly reason?: string;
  readonly free_pages?: number;
}

interface OracleIoremap {
  readonly phys: string;
  readonly size: number;
  readonly ok: 0 | 1;
  readonly addr: string;
  readonly area_addr: string;
  readonly area_size: number;
  readonly is_vmalloc: -1 | 0 | 1;
  readonly virt_addr_valid: -1 | 0 | 1;
}

/** Chunks of one size taken until there were no more, or enough. */
interface OracleExhaust {
  readonly chunk: number;
  readonly count: number;
  readonly stopped: 'address_space' | 'ram' | 'cap';
  readonly lowest: string;
  readonly highest_end: string;
  readonly last?: string;
  /** Of the free lists, when the probe had stopped. */
  readonly free_pages: number;
}

interface OracleKmap {
  readonly kind: 'lowmem' | 'highmem' | 'no_highmem_config';
  readonly n?: number;
  readonly pfn: string;
  readonly addr: string;
  readonly pkmap_nr?: number;
}

/** One alloc_pages(), given back at once; without a PFN when it failed. */
interface OracleAlloc {
  readonly gfp: string;
  readonly gfpmask: string;
  readonly order: number;
  readonly ok: 0 | 1;
  readonly page?: string;
  readonly pfn?: string;
}

interface OracleSequence {
  readonly gfp: string;
  readonly order: number;
  readonly pfns: readonly string[];
}

/** A free list at a moment; `head_pfns` are at most the first twelve of its `count` blocks. */
export interface OracleFreeList {
  readonly tag: string;
  readonly zone: string;
  readonly order: number;
  readonly mt: string;
  readonly count: number;
  readonly head_pfns: readonly string[];
}

interface OracleBuddy {
  readonly tag: string;
  readonly zone: string;
  /** By order, of all types. */
  readonly nr_free: readonly number[];
  /** Pages on the lists of the cpu that asked. */
  readonly pcp_count: number;
}

/** Pages; the marks hold the boost of that moment. `lowmem_reserve` by zone, those that are empty too. */
export interface OracleZone {
  readonly tag: string;
  readonly name: string;
  readonly start_pfn: number;
  readonly spanned: number;
  readonly present: number;
  readonly managed: number;
  readonly free: number;
  readonly min: number;
  readonly low: number;
  readonly high: number;
  readonly lowmem_reserve: readonly number[];
  readonly pcp_high: number;
  readonly pcp_batch: number;
}

/** Free pages of a zone when a run of single pages went on in another zone, or ended. */
interface OracleFallback {
  readonly gfp: string;
  readonly order: number;
  readonly at: string;
  readonly zone: string;
  readonly free: number;
  /** With the boost; at the end only. */
  readonly min?: number;
}

/** One kmalloc(); without an address when it failed. */
export interface OracleKmalloc {
  readonly gfp: string;
  readonly size: number;
  readonly ok: 0 | 1;
  readonly addr?: string;
  /** A second and third one, while the first was alive. */
  readonly addr2?: string;
  readonly addr3?: string;
  readonly ksize?: number;
  readonly zone?: string;
  readonly virt_addr_valid?: 0 | 1;
  readonly cache?: string;
}

export interface OracleKmallocCache {
  readonly type: number;
  readonly index: number;
  readonly name: string;
  readonly object_size: number;
  readonly size: number;
  readonly align: number;
  readonly inuse: number;
  /** Of the free pointer. */
  readonly offset: number;
  readonly objs_per_slab: number;
  readonly order: number;
  readonly min_partial: number;
}

/** A cache as /sys/kernel/slab shows it; `name` starts with a colon where caches may share it. */
export interface OracleSlabCache {
  readonly name: string;
  readonly merged_names: readonly string[];
  readonly object_size: number;
  readonly slab_size: number;
  readonly objs_per_slab: number;
  readonly order: number;
  readonly align: number;
  readonly min_partial: number;
  readonly cpu_partial: number;
  readonly aliases: number;
  readonly hwcache_align: 0 | 1;
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
