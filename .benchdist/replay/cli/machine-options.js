/** Options that say which machine: RAM, cpus, the kernel's boot options. The same for every command that has one. */
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { Option } from 'commander';
import { buildCustomLayout, buildLayout, parseLayoutFile, parseMemoryMap, UsageError, } from '../../core/index.js';
import { parseSize, parseSizeOrZero, wholeNumber } from './values.js';
/** The amount that most captured kernels were booted with, and the machine of the textbooks. */
const DEFAULT_RAM = 2n ** 30n;
const MOST_CPUS = 512;
export function addMachineOptions(command) {
    return command
        .addOption(new Option('--ram <size>', 'amount of RAM').argParser(parseSize).default(DEFAULT_RAM, '1G'))
        .option('--cpus <n>', 'cpus present (default: 1, or as many as the workload was made for)', wholeNumber(1, MOST_CPUS))
        .option('--nr-cpus <n>', 'cpus that the kernel is built for; 1: without SMP (default: 8, or --cpus if that is more)', wholeNumber(1, MOST_CPUS))
        .option('--vmalloc <size>', 'boot option vmalloc= of a 32-bit kernel', parseSize)
        .option('--highmem <size>', 'boot option highmem= of a 32-bit kernel', parseSizeOrZero)
        .option('--memory-map <file>', 'RAM as in this /proc/iomem (read as root) or dmesg, may be gzipped, instead of --ram');
}
/** The layouts of these names for one machine; unknown names and impossible machines are UsageErrors. */
export async function layoutsOf(names, machine, defaultCpus = 1) {
    const options = await layoutOptionsOf(machine, defaultCpus);
    return Promise.all([...new Set(names)].map((name) => layoutOf(name, options)));
}
/** A layout by its name, or that of a JSON file, which is told by its ending. */
async function layoutOf(name, options) {
    if (!name.endsWith('.json'))
        return buildLayout(name, options);
    return buildCustomLayout(parseLayoutFile(await readFile(name, 'utf8'), name), options);
}
async function layoutOptionsOf(machine, defaultCpus) {
    const { ram, cpus = defaultCpus, nrCpus = Math.max(8, cpus), vmalloc, highmem, memoryMap } = machine;
    return {
        cpus,
        nrCpus,
        ...(memoryMap === undefined ? { ramBytes: ram } : { memoryMap: await readMemoryMap(memoryMap) }),
        ...(vmalloc !== undefined && { vmallocBytes: vmalloc }),
        ...(highmem !== undefined && { highmemBytes: highmem }),
    };
}
async function readMemoryMap(file) {
    const bytes = await readFile(file);
    try {
        return parseMemoryMap(textOf(bytes));
    }
    catch (error) {
        throw error instanceof UsageError ? new UsageError(`${file}: ${error.message}`) : error;
    }
}
function textOf(bytes) {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    try {
        return (isGzip ? gunzipSync(bytes) : bytes).toString('latin1');
    }
    catch {
        throw new UsageError('memory map: damaged gzip data; expected a whole file: copy it again');
    }
}
/** The same machine as arguments, for the line that reproduces a run. */
export function machineArguments(machine) {
    const { ram, cpus, nrCpus, vmalloc, highmem, memoryMap } = machine;
    const given = [
        ['--ram', memoryMap === undefined ? sizeText(ram) : undefined],
        ['--cpus', cpus],
        ['--nr-cpus', nrCpus],
        ['--vmalloc', vmalloc === undefined ? undefined : sizeText(vmalloc)],
        ['--highmem', highmem === undefined ? undefined : sizeText(highmem)],
        ['--memory-map', memoryMap],
    ];
    return given.flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));
}
/** As people would type it: `1G`, `1536M`, or bytes. */
export function sizeText(bytes) {
    for (const [suffix, shift] of [
        ['G', 30n],
        ['M', 20n],
        ['K', 10n],
    ]) {
        if (bytes % (1n << shift) === 0n)
            return `${bytes >> shift}${suffix}`;
    }
    return String(bytes);
}
//# sourceMappingURL=machine-options.js.map