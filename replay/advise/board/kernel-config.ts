/** What a kernel was built as: /proc/config.gz, or /boot/config-VERSION. */
import { DIALECTS, type Dialect, type MemoryReport, SPLITS } from '../../../core/index.ts';

/** Undefined: the file does not say. */
export interface KernelConfig
  extends Pick<
    MemoryReport,
    'dialect' | 'kernel' | 'split' | 'wideEntries' | 'highmem' | 'pageBytes' | 'nrCpus'
  > {
  /** Bits of a virtual address, where the configuration chooses them. */
  readonly vaBits: number | undefined;
}

/** `# Linux/arm 5.4.58 Kernel Configuration`, of kconfig since 2.6.33; before it says `Linux kernel version: 2.6.32`. */
const TITLE = /^# Linux(?:\/\S+ | kernel version: )(\d+\.\d+\S*)/m;

export function parseKernelConfig(text: string, dialects: readonly Dialect[] = DIALECTS): KernelConfig {
  const options = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/^CONFIG_(\w+)=(.*)$/gm)) options.set(name!, value!);
  const isSet = (name: string): boolean => options.get(name) === 'y';
  const chosen = <T>(choices: readonly (readonly [string, T])[]): T | undefined =>
    choices.find(([name]) => isSet(name))?.[1];
  const number = (name: string): number | undefined =>
    options.has(name) ? Number(options.get(name)) : undefined;
  const dialect = dialects.find(({ config }) => isSet(config.processor));
  const { wideEntries, pageBytes = [], vaBits } = dialect?.config ?? {};
  const is32 = dialect?.wordBits === 32;
  return {
    dialect,
    kernel: TITLE.exec(text)?.[1],
    split: SPLITS.find(({ config }) => isSet(`VMSPLIT_${config}`))?.config,
    wideEntries: wideEntries === undefined ? undefined : isSet(wideEntries),
    highmem: is32 ? ['HIGHMEM', 'HIGHMEM4G', 'HIGHMEM64G'].some(isSet) : undefined,
    pageBytes: chosen(pageBytes),
    nrCpus: is32 && !isSet('SMP') ? 1 : number('NR_CPUS'),
    vaBits: vaBits === undefined ? undefined : number(vaBits),
  };
}
