/** VMSPLIT_*: where 32-bit kernels, x86 and ARM, let user space end (arch/x86/Kconfig, arch/arm/Kconfig, v6.1). */

/** As the configuration calls it: CONFIG_VMSPLIT_3G. */
export type SplitName = '3G' | '3G_OPT' | '2G' | '2G_OPT' | '1G';

export interface Split {
  readonly config: SplitName;
  /** In the name of a layout. */
  readonly name: string;
  readonly title: string;
  readonly pageOffset: bigint;
  /** Whether tables of three levels (PAE, LPAE) go with it: PAGE_OFFSET has to be a multiple of 1 GiB then. */
  readonly allowsWideEntries: boolean;
}

export const SPLITS: readonly Split[] = [
  {
    config: '3G',
    name: '3g1g',
    title: '3 GiB user, 1 GiB kernel',
    pageOffset: 0xc000_0000n,
    allowsWideEntries: true,
  },
  {
    config: '3G_OPT',
    name: '3g1g-opt',
    title: '2.75 GiB user: 1 GiB of RAM is low memory (VMSPLIT_3G_OPT)',
    pageOffset: 0xb000_0000n,
    allowsWideEntries: false,
  },
  {
    config: '2G',
    name: '2g2g',
    title: '2 GiB user, 2 GiB kernel',
    pageOffset: 0x8000_0000n,
    allowsWideEntries: true,
  },
  {
    config: '2G_OPT',
    name: '2g2g-opt',
    title: '1.875 GiB user: all but 16 MiB of 2 GiB is low memory (VMSPLIT_2G_OPT)',
    pageOffset: 0x7800_0000n,
    allowsWideEntries: false,
  },
  {
    config: '1G',
    name: '1g3g',
    title: '1 GiB user, 3 GiB kernel',
    pageOffset: 0x4000_0000n,
    allowsWideEntries: true,
  },
];

/** The split whose kernel space holds an address, from the highest PAGE_OFFSET down. */
export function splitHolding(address: bigint): SplitName | undefined {
  return SPLITS.find(({ pageOffset }) => pageOffset <= address)?.config;
}

/** The split that leaves so much of kernel space beside low memory, from `least` to `most` MiB. */
export function splitLeaving(lowMb: number, least: number, most: number): SplitName | undefined {
  return SPLITS.find(({ pageOffset }) => {
    const windows = Number((1n << 32n) - pageOffset) / 2 ** 20 - lowMb;
    return windows >= least && windows <= most;
  })?.config;
}

/** By its name in the configuration. */
export function splitNamed(config: SplitName): Split {
  return SPLITS.find((split) => split.config === config)!;
}
