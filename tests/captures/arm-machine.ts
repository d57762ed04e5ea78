/** What an ARM machine that booted Linux 6.1 printed: the keys of a file of the ARM oracle that tests look at. */

export interface ArmMachine {
  readonly id: string;
  /** Of the kernel's build: `arm-3g`, `deb-armmp`, `board-raspi2b`. */
  readonly variant: string;
  readonly ram_mb: number;
  /** cpus given; 0: as many as the board has. */
  readonly smp: number;
  readonly extra_cmdline: string;
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
  readonly consts: Readonly<Record<string, string>>;
  readonly zones: readonly ArmZone[];
  readonly zones_empty: readonly string[];
  readonly zone_snapshots: readonly (ArmZone & { readonly tag: string })[];
  readonly iomem: readonly string[];
  /** Lines of memblock's files: `   0: 0x40000000..0x7fffffff`. */
  readonly memblock: { readonly memory: readonly string[]; readonly reserved: readonly string[] };
  readonly lowmem_bounds?: readonly Readonly<Record<string, string>>[];
  readonly meminfo_kb: Readonly<Record<string, number>>;
  readonly dmesg_memory_lines: readonly string[];
  readonly high_total_kb: number | null;
  readonly vmalloc_total_kb: number;
  /** The dump of the kernel's page tables, cut to 60 ranges a part; empty where the kernel has none. */
  readonly markers: readonly {
    readonly name: string;
    readonly ranges: readonly { readonly start: string; readonly end: string; readonly attr: string }[];
  }[];
  /** Beside these keys, one for each table entry read: `pgd[768]`, `pmd_even`, ... */
  readonly page_table_walks: readonly ({
    readonly tag: string;
    readonly addr: string;
    readonly leaf: string;
  } & Readonly<Record<string, string>>)[];
  readonly conversions: readonly {
    readonly kind: string;
    readonly va?: string;
    readonly virt_to_phys?: string;
    readonly virt_addr_valid?: 0 | 1;
    readonly is_vmalloc?: 0 | 1;
  }[];
  readonly kmap_result?: readonly {
    readonly count: number;
    readonly lowest: string;
    readonly highest: string;
  }[];
  readonly kmap_local?: readonly (Readonly<Record<string, string>> & { readonly kind: string })[];
  readonly kmap_local_fresh?: readonly { readonly addr: string }[];
  readonly init: { readonly maps: readonly string[] };
}

export interface ArmZone {
  readonly name: string;
  readonly start_pfn: number;
  readonly spanned: number;
  readonly present: number;
  readonly managed: number;
  readonly min: number;
  readonly low: number;
  readonly high: number;
  readonly cma?: number;
  readonly boost?: number;
  readonly lowmem_reserve: readonly number[];
  readonly pcp_high: number;
  readonly pcp_batch: number;
}
