/** What a kernel was built as: /proc/config.gz, or /boot/config-VERSION. */
import type { MemoryReport } from '../../../core/index.ts';

/** Undefined: the file does not say. */
export interface KernelConfig
  extends Pick<
    MemoryReport,
    'arch' | 'kernel' | 'split' | 'pae' | 'lpae' | 'highmem' | 'pageBytes' | 'nrCpus'
  > {
  /** CONFIG_ARM64_VA_BITS. */
  readonly vaBits: number | undefined;
}

/** `# Linux/arm 5.4.58 Kernel Configuration`, of kconfig since 2.6.33; before it says `Linux kernel version: 2.6.32`. */
const TITLE = /^# Linux(?:\/\S+ | kernel version: )(\d+\.\d+\S*)/m;

const ARCHES = [
  ['X86_64', 'x86_64'],
  ['X86_32', 'i386'],
  ['ARM64', 'arm64'],
  ['ARM', 'arm'],
] as const;

const SPLITS = [
  ['VMSPLIT_3G', '3G'],
  ['VMSPLIT_3G_OPT', '3G_OPT'],
  ['VMSPLIT_2G', '2G'],
  ['VMSPLIT_2G_OPT', '2G_OPT'],
  ['VMSPLIT_1G', '1G'],
] as const;

const PAGE_SIZES = [
  ['ARM64_4K_PAGES', 4096],
  ['ARM64_16K_PAGES', 16384],
  ['ARM64_64K_PAGES', 65536],
] as const;

export function parseKernelConfig(text: string): KernelConfig {
  const options = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/^CONFIG_(\w+)=(.*)$/gm)) options.set(name!, value!);
  const isSet = (name: string): boolean => options.get(name) === 'y';
  const chosen = <T>(choices: readonly (readonly [string, T])[]): T | undefined =>
    choices.find(([name]) => isSet(name))?.[1];
  const number = (name: string): number | undefined =>
    options.has(name) ? Number(options.get(name)) : undefined;
  const arch = chosen(ARCHES);
  const is32 = arch === 'i386' || arch === 'arm';
  return {
    arch,
    kernel: TITLE.exec(text)?.[1],
    split: chosen(SPLITS),
    pae: arch === 'i386' ? isSet('X86_PAE') : undefined,
    lpae: arch === 'arm' ? isSet('ARM_LPAE') : undefined,
    highmem: is32 ? ['HIGHMEM', 'HIGHMEM4G', 'HIGHMEM64G'].some(isSet) : undefined,
    pageBytes: chosen(PAGE_SIZES),
    nrCpus: is32 && !isSet('SMP') ? 1 : number('NR_CPUS'),
    vaBits: number('ARM64_VA_BITS'),
  };
}
