/** Options that say which machine: RAM, cpus, the kernel's boot options. The same for every command that has one. */
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { type Command, Option } from 'commander';
import {
  buildCustomLayout,
  buildLayout,
  type Layout,
  type LayoutOptions,
  type MachineOptions,
  parseLayoutFile,
  parseMemoryMap,
  THP_MODES,
  type ThpMode,
  UsageError,
} from '../../core/index.ts';
import { parseLimit, parseSize, parseSizeOrZero, wholeNumber } from './values.ts';

/** The amount that most captured kernels were booted with, and the machine of the textbooks. */
const DEFAULT_RAM = 2n ** 30n;
const MOST_CPUS = 512;

export interface MachineArguments {
  readonly ram: bigint;
  readonly cpus?: number;
  readonly nrCpus?: number;
  readonly vmalloc?: bigint;
  readonly highmem?: bigint;
  readonly memoryMap?: string;
  readonly reclaim?: true;
  readonly swap?: bigint;
  readonly thp?: ThpMode;
  readonly stackLimit?: bigint | 'unlimited';
  readonly legacyVaLayout?: true;
}

export function addMachineOptions(command: Command): Command {
  return command
    .addOption(new Option('--ram <size>', 'amount of RAM').argParser(parseSize).default(DEFAULT_RAM, '1G'))
    .option(
      '--cpus <n>',
      'cpus present (default: 1, or as many as the workload was made for)',
      wholeNumber(1, MOST_CPUS),
    )
    .option(
      '--nr-cpus <n>',
      'cpus that the kernel is built for; 1: without SMP (default: 8, or --cpus if that is more)',
      wholeNumber(1, MOST_CPUS),
    )
    .option('--vmalloc <size>', 'boot option vmalloc= of a 32-bit kernel', parseSize)
    .option('--highmem <size>', 'boot option highmem= of a 32-bit kernel', parseSizeOrZero)
    .option(
      '--memory-map <file>',
      'RAM as in this /proc/iomem (read as root) or dmesg, may be gzipped, instead of --ram',
    );
}

/** How the kernel manages memory: options of commands that fold events. */
export function addMemoryOptions(command: Command): Command {
  return command
    .option('--reclaim', 'reclaim pages when memory runs short, and kill processes when that does not help')
    .option('--swap <size>', 'size of the swap area; implies --reclaim', parseSize)
    .addOption(
      new Option(
        '--thp <mode>',
        'transparent huge pages: wherever they fit, where madvise(MADV_HUGEPAGE) asks for them, or never (default)',
      ).choices(THP_MODES),
    )
    .option('--stack-limit <size>', 'RLIMIT_STACK of the programs, or `unlimited` (default: 8M)', parseLimit)
    .option(
      '--legacy-va-layout',
      'mappings go upwards from a third of user space, as with vm.legacy_va_layout=1',
    );
}

/** What of that the command was given. */
export function memoryOptionsOf({
  reclaim,
  swap,
  thp,
  stackLimit,
  legacyVaLayout,
}: MachineArguments): Pick<MachineOptions, 'reclaim' | 'thp' | 'stackLimitBytes' | 'legacyMmap'> {
  const reclaims = reclaim !== undefined || swap !== undefined;
  return {
    ...(reclaims && { reclaim: swap === undefined ? {} : { swapBytes: swap } }),
    ...(thp !== undefined && { thp }),
    ...(stackLimit !== undefined && { stackLimitBytes: stackLimit }),
    ...(legacyVaLayout && { legacyMmap: true }),
  };
}

/** The layouts of these names for one machine; unknown names and impossible machines are UsageErrors. */
export async function layoutsOf(
  names: readonly string[],
  machine: MachineArguments,
  defaultCpus = 1,
): Promise<Layout[]> {
  const options = await layoutOptionsOf(machine, defaultCpus);
  return Promise.all([...new Set(names)].map((name) => layoutOf(name, options)));
}

/** A layout by its name, or that of a JSON file, which is told by its ending. */
async function layoutOf(name: string, options: LayoutOptions): Promise<Layout> {
  if (!name.endsWith('.json')) return buildLayout(name, options);
  return buildCustomLayout(parseLayoutFile(await readFile(name, 'utf8'), name), options);
}

async function layoutOptionsOf(machine: MachineArguments, defaultCpus: number): Promise<LayoutOptions> {
  const { ram, cpus = defaultCpus, nrCpus = Math.max(8, cpus), vmalloc, highmem, memoryMap } = machine;
  return {
    cpus,
    nrCpus,
    ...(memoryMap === undefined ? { ramBytes: ram } : { memoryMap: await readMemoryMap(memoryMap) }),
    ...(vmalloc !== undefined && { vmallocBytes: vmalloc }),
    ...(highmem !== undefined && { highmemBytes: highmem }),
  };
}

async function readMemoryMap(file: string) {
  const bytes = await readFile(file);
  try {
    return parseMemoryMap(textOf(bytes));
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${file}: ${error.message}`) : error;
  }
}

function textOf(bytes: Buffer): string {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    return (isGzip ? gunzipSync(bytes) : bytes).toString('latin1');
  } catch {
    throw new UsageError('memory map: damaged gzip data; expected a whole file: copy it again');
  }
}

/** The same machine as arguments, for the line that reproduces a run. */
export function machineArguments(machine: MachineArguments): string[] {
  const { ram, cpus, nrCpus, vmalloc, highmem, memoryMap, swap, thp, stackLimit } = machine;
  const given: [string, string | number | bigint | undefined][] = [
    ['--ram', memoryMap === undefined ? sizeText(ram) : undefined],
    ['--cpus', cpus],
    ['--nr-cpus', nrCpus],
    ['--vmalloc', vmalloc === undefined ? undefined : sizeText(vmalloc)],
    ['--highmem', highmem === undefined ? undefined : sizeText(highmem)],
    ['--memory-map', memoryMap],
    ['--swap', swap === undefined ? undefined : sizeText(swap)],
    ['--thp', thp],
    ['--stack-limit', typeof stackLimit === 'bigint' ? sizeText(stackLimit) : stackLimit],
  ];
  const options = given.flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));
  if (machine.reclaim) options.push('--reclaim');
  if (machine.legacyVaLayout) options.push('--legacy-va-layout');
  return options;
}

/** As people would type it: `1G`, `1536M`, or bytes. */
export function sizeText(bytes: bigint): string {
  for (const [suffix, shift] of [
    ['G', 30n],
    ['M', 20n],
    ['K', 10n],
  ] as const) {
    if (bytes % (1n << shift) === 0n) return `${bytes >> shift}${suffix}`;
  }
  return String(bytes);
}
