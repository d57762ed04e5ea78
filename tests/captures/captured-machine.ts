/** What any machine that booted Linux 6.1 printed: the keys that the files of both oracles have. */

/** Addresses and PFNs are 0x strings, sizes bytes, figures of zones pages. */
export interface CapturedMachine {
  readonly id: string;
  /** Of the kernel's build: `i386-3g`, `arm-3g`, `deb-armmp`, `board-raspi2b`. */
  readonly variant: string;
  readonly ram_mb: number;
  readonly extra_cmdline: string;
  readonly config: { readonly arch: 'i386' | 'x86_64' | 'arm' | 'arm64'; readonly nr_cpus: number };
  /** Header macros and variables by their names, 0x strings. */
  readonly consts: Readonly<Record<string, string>>;
  readonly iomem: readonly string[];
  readonly zones: readonly Omit<CapturedZone, 'tag'>[];
  readonly zones_empty: readonly string[];
  readonly dmesg_memory_lines: readonly string[];
  readonly vmalloc_total_kb: number;
  readonly meminfo_kb: Readonly<Record<string, number>>;
  /** The dump of the kernel's page tables, cut to 60 ranges a part; empty where the kernel has none. */
  readonly markers: readonly {
    readonly name: string;
    readonly ranges: readonly CapturedRange[];
  }[];
  /** Beside these keys, one for each table entry read: `pgd[768]`, `pmd_even`, ... */
  readonly page_table_walks: readonly ({
    readonly tag: string;
    readonly addr: string;
    readonly leaf: string;
  } & Readonly<Record<string, string>>)[];
  /** By program: lines of its /proc/self/maps, and what it printed of its own addresses and pages. */
  readonly userspace: Readonly<Record<string, CapturedProgram>>;
  /** Logical addresses and their physical ones, as the kernel converted them. */
  readonly conversions: readonly CapturedConversion[];
  readonly vmalloc: readonly CapturedArea[];
  /** get_vm_area(), given back at once, before each vmalloc. */
  readonly vmalloc_area_only: readonly CapturedArea[];
  readonly vmalloc_reuse: readonly { readonly freed: string; readonly again: string }[];
  readonly vmap_exhaust: readonly { readonly chunk?: number; readonly n: number; readonly addr: string }[];
  readonly vmap_exhaust_result: readonly CapturedExhaust[];
  readonly vmalloc_exhaust_result: readonly CapturedExhaust[];
  /** Lines of /proc/vmallocinfo, between the probes of ioremap and of vmalloc. */
  readonly vmallocinfo: readonly string[];
  readonly ioremap: readonly CapturedIoremap[];
  /** module_alloc(), where the probe tried that. */
  readonly module_alloc?: readonly CapturedArea[];
  readonly kmap: readonly CapturedKmap[];
  /** These are missing where there is no high memory, or where the probe did not do it yet. */
  readonly kmap_result?: readonly {
    readonly count: number;
    readonly lowest: string;
    readonly highest: string;
  }[];
  readonly kmap_again_while_mapped?: readonly { readonly first: string; readonly second: string }[];
  readonly kmap_again_after_kunmap?: readonly { readonly first: string; readonly second: string }[];
  readonly kmap_checks?: readonly CapturedKmapCheck[];
  readonly kmap_local?: readonly (Readonly<Record<string, string>> & { readonly kind: string })[];
  readonly kmap_atomic?: readonly { readonly kind: string; readonly addr: string }[];
  /** kmap_local_page() of pages that never had a kmap, nested; and of the first of them once more. */
  readonly kmap_local_fresh?: readonly { readonly addr: string }[];
  readonly kmap_local_fresh_reuse?: readonly { readonly addr: string }[];
  readonly alloc_pages: readonly CapturedAlloc[];
  /** Pages taken one after the other, then all given back; and the same once more. */
  readonly alloc_seq: readonly CapturedSequence[];
  readonly alloc_seq_after_free: readonly CapturedSequence[];
  /** Blocks taken and given back at once, with `buddy_snapshots` before, while held, and after. */
  readonly buddy_split?: readonly { readonly order: number; readonly pfn: string }[];
  readonly freelists: readonly CapturedFreeList[];
  readonly buddy_snapshots: readonly CapturedBuddy[];
  readonly zone_snapshots: readonly CapturedZone[];
  /** Runs of blocks taken from one zone, until nothing is given any more. */
  readonly zone_fallback: readonly {
    readonly gfp: string;
    readonly order: number;
    readonly zone: string;
    readonly run: number;
  }[];
  readonly zone_fallback_state: readonly CapturedFallback[];
  readonly kmalloc: readonly CapturedKmalloc[];
  readonly kmalloc_caches: readonly CapturedKmallocCache[];
  readonly slabs: readonly CapturedSlabCache[];
  /** Lines of /proc/slabinfo. */
  readonly slabinfo: readonly string[];
}

export interface CapturedRange {
  readonly start: string;
  readonly end: string;
  /** Empty where nothing is mapped. */
  readonly attr: string;
}

export interface CapturedProgram {
  /** Before it did anything; where there is none, `maps` is that. */
  readonly maps_at_start?: readonly string[];
  readonly maps: readonly string[];
  readonly records?: readonly string[];
}

export interface CapturedConversion {
  readonly kind: string;
  readonly va?: string;
  readonly virt_to_phys?: string;
  readonly phys_to_virt?: string;
  readonly pa?: string;
  readonly is_vmalloc?: 0 | 1;
  readonly virt_addr_valid?: 0 | 1;
}

interface CapturedKmapCheck {
  readonly addr: string;
  readonly is_vmalloc: 0 | 1;
  readonly virt_addr_valid: 0 | 1;
  readonly page_address: string;
  /** Of kmap_to_page(), where the probe asked for that. */
  readonly kmap_to_page_ok?: 0 | 1;
}

/** One area of the vmalloc window; without an address when it failed. */
export interface CapturedArea {
  readonly size: number;
  readonly ok: 0 | 1;
  readonly addr?: string;
  readonly area_size?: number;
  readonly nr_pages?: number;
  /** -1: not asked, since it failed. */
  readonly is_vmalloc?: -1 | 0 | 1;
  readonly virt_addr_valid?: -1 | 0 | 1;
  readonly __pa?: string;
  readonly reason?: string;
  readonly free_pages?: number;
}

interface CapturedIoremap {
  /** `ioremap_wc`, `memremap_WB` ...; where there is none, ioremap(). */
  readonly kind?: string;
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
interface CapturedExhaust {
  readonly chunk: number;
  readonly count: number;
  readonly stopped: 'address_space' | 'ram' | 'cap' | 'no_pages';
  readonly lowest: string;
  readonly highest_end: string;
  readonly last?: string;
  /** Of the free lists, when the probe had stopped. */
  readonly free_pages: number;
}

interface CapturedKmap {
  readonly kind: 'lowmem' | 'highmem' | 'no_highmem_config';
  readonly n?: number;
  readonly pfn: string;
  readonly addr: string;
  readonly pkmap_nr?: number;
}

/** One alloc_pages(), given back at once; without a PFN when it failed. */
interface CapturedAlloc {
  readonly gfp: string;
  readonly gfpmask: string;
  readonly order: number;
  readonly ok: 0 | 1;
  readonly page?: string;
  readonly pfn?: string;
  readonly page_address?: string;
}

interface CapturedSequence {
  readonly gfp: string;
  readonly order: number;
  readonly pfns: readonly string[];
}

/** A free list at a moment; `head_pfns` are at most the first twelve of its `count` blocks. */
export interface CapturedFreeList {
  readonly tag: string;
  readonly zone: string;
  readonly order: number;
  readonly mt: string;
  readonly count: number;
  readonly head_pfns: readonly string[];
}

interface CapturedBuddy {
  readonly tag: string;
  readonly zone: string;
  /** By order, of all types. */
  readonly nr_free: readonly number[];
  /** Pages on the lists of the cpu that asked. */
  readonly pcp_count: number;
}

/** Pages; the marks hold the boost of that moment. `lowmem_reserve` by zone, those that are empty too. */
export interface CapturedZone {
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
interface CapturedFallback {
  readonly gfp: string;
  readonly order: number;
  readonly at: string;
  readonly zone: string;
  readonly free: number;
  /** With the boost; at the end only. */
  readonly min?: number;
}

/** One kmalloc(); without an address when it failed. */
export interface CapturedKmalloc {
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

export interface CapturedKmallocCache {
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
  /** Users of the cache; -1: nobody may join. */
  readonly refcount: number;
}

/** A cache as /sys/kernel/slab shows it; `name` starts with a colon where caches may share it. */
export interface CapturedSlabCache {
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
