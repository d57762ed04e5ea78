/** VMSPLIT_*: where 32-bit kernels, x86 and ARM, let user space end (arch/x86/Kconfig, arch/arm/Kconfig, v6.1). */

export interface Split {
  readonly name: string;
  readonly title: string;
  readonly pageOffset: bigint;
  /** Whether tables of three levels (PAE, LPAE) go with it: PAGE_OFFSET has to be a multiple of 1 GiB then. */
  readonly allowsWideEntries: boolean;
}

export const SPLITS: readonly Split[] = [
  { name: '3g1g', title: '3 GiB user, 1 GiB kernel', pageOffset: 0xc000_0000n, allowsWideEntries: true },
  {
    name: '3g1g-opt',
    title: '2.75 GiB user: 1 GiB of RAM is low memory (VMSPLIT_3G_OPT)',
    pageOffset: 0xb000_0000n,
    allowsWideEntries: false,
  },
  { name: '2g2g', title: '2 GiB user, 2 GiB kernel', pageOffset: 0x8000_0000n, allowsWideEntries: true },
  {
    name: '2g2g-opt',
    title: '1.875 GiB user: all but 16 MiB of 2 GiB is low memory (VMSPLIT_2G_OPT)',
    pageOffset: 0x7800_0000n,
    allowsWideEntries: false,
  },
  { name: '1g3g', title: '1 GiB user, 3 GiB kernel', pageOffset: 0x4000_0000n, allowsWideEntries: true },
];
