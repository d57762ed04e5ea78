/** The table of layouts, and how a name and options become one. */
import type { Architecture } from '../../arch/architecture.ts';
import { UsageError } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';
import { addressOf, formatSize, GIB } from '../../base/units.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { versionText } from '../../kernel/version.ts';
import { LINUX_ARM } from '../arm/arm-32.ts';
import { LINUX_ARM64 } from '../arm/arm-64.ts';
import type { CustomLayout } from '../file/layout-file.ts';
import {
  checkMemoryMap,
  checkRamBytes,
  ramOf,
  SYSTEM_RAM,
  totalBytes,
  without,
} from '../firmware/memory-map.ts';
import { IA64 } from '../ia64/ia64.ts';
import type { Layout, LayoutOptions, PhysicalRange, RamRange } from '../layout.ts';
import type { LayoutMember } from '../member.ts';
import { TOYS } from '../toy/ostep.ts';
import { unknownBoot } from '../unknown-boot.ts';
import { VAX_LAYOUTS } from '../vax/vax.ts';
import { LINUX_32 } from '../x86/linux-32.ts';
import { TEXTBOOK_32 } from '../x86/textbook-32.ts';
import { LINUX_64, TEXTBOOK_64 } from '../x86/x86-64.ts';

const MEMBERS: readonly LayoutMember[] = [
  ...[...TEXTBOOK_32, ...TEXTBOOK_64, ...LINUX_32, ...LINUX_64],
  ...[...LINUX_ARM, ...LINUX_ARM64, ...IA64, ...VAX_LAYOUTS],
];

/** As most oracle machines. */
const DEFAULT_RAM_BYTES = GIB;
/** CONFIG_NR_CPUS of the captured kernels. */
const DEFAULT_NR_CPUS = 8;

/** Every layout there is, textbook family first; but for toys, which exercises name. */
export function layoutNames(): { name: string; family: string; title: string }[] {
  return MEMBERS.map(({ name, family, title }) => ({ name, family, title }));
}

/** The layouts of exercises: machines that fit on a sheet of paper. */
export function toyLayoutNames(): string[] {
  return TOYS.map(({ name }) => name);
}

/** The architecture of the layout of this name. Throws UsageError when there is none. */
export function architectureOf(name: string): Architecture {
  return findMember(name).arch;
}

/** The layout of this name for this much RAM. Throws UsageError when there is no such name or machine. */
export function buildLayout(name: string, options: LayoutOptions = {}): Layout {
  return buildMember(findMember(name), options);
}

/** The same for a member of one's own, in no table. */
export function buildOwnLayout(member: LayoutMember, options: LayoutOptions = {}): Layout {
  return buildMember(member, options);
}

/** The same for a layout from a file: RAM that the options give wins over that of the file, a map over an amount. */
export function buildCustomLayout({ member, memory }: CustomLayout, options: LayoutOptions = {}): Layout {
  const { ramBytes, memoryMap } = options;
  const saysRam = ramBytes !== undefined || memoryMap !== undefined;
  return buildMember(member, saysRam ? options : { ...options, ...memory });
}

function buildMember(member: LayoutMember, options: LayoutOptions): Layout {
  const { name, family, arch } = member;
  const { pageShift } = arch;
  const { cpus = 1, nrCpus = DEFAULT_NR_CPUS, kernel = member.kernel, kernelImage, build } = options;
  const { onlineCpus = cpus, possibleCpus = cpus } = options;
  checkBuild(member, build);
  checkCpus(member, { cpus, nrCpus, onlineCpus, possibleCpus });
  const vmallocBytes = bytesOf('vmallocBytes', options.vmallocBytes);
  const highmemBytes = bytesOf('highmemBytes', options.highmemBytes);
  checkBootSize('vmalloc', vmallocBytes);
  checkBootSize('highmem', highmemBytes);
  const { ramBytes, physical } = memoryOf(member, options);
  const firmwareRam = ramOf(physical);
  const never = kernel.believesFirmware ? undefined : arch.port.firmwareWindow;
  const ram = never === undefined ? firmwareRam : without(firmwareRam, never);
  const { fixmapOptionPages } = options;
  const physicalBase = member.physicalBaseOf?.(ram) ?? member.physicalBase;
  const body = member.build({
    ...{ ram, kernel, cpus, nrCpus, vmallocBytes, highmemBytes, fixmapOptionPages, physicalBase, build },
  });
  const layout = {
    name,
    family,
    title: titleUnder(kernel, member),
    arch,
    kernel,
    booted: kernel === member.kernel ? member.booted : unknownBoot(member.booted),
    pageShift,
    physicalBase,
    ram,
    ramBytes,
    physical,
    cpus,
    nrCpus,
    onlineCpus,
    possibleCpus,
    ...body,
    ...(kernelImage && { kernelImage }),
    // Kernels of 64 bits cannot do without (asm/required-features.h).
    ...(options.nopse && arch.wordBits === 32 && { withoutLargePages: true as const }),
    ...(options.nopge && { withoutGlobalPages: true as const }),
  };
  checkKernelImage(layout);
  return layout;
}

/** `Linux 6.1, 3 GiB user, 1 GiB kernel` under the version that it is built for. */
function titleUnder({ name, version }: Kernel, { title, kernel }: LayoutMember): string {
  const isOther = name !== kernel.name && name.startsWith('linux-');
  return isOther
    ? title.replace(`Linux ${versionText(kernel.version)}`, `Linux ${versionText(version)}`)
    : title;
}

function findMember(name: string): LayoutMember {
  const found = [...MEMBERS, ...TOYS].find((member) => member.name === name);
  if (found) return found;
  const names = MEMBERS.map((member) => member.name);
  const near = nearest(name.toLowerCase(), names);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  throw new UsageError(
    `unknown layout '${name}'${hint} (all of them: \`vmsplit layouts\`, or layoutNames())`,
  );
}

interface PhysicalMemory {
  readonly physical: readonly PhysicalRange[];
  readonly ramBytes: bigint;
}

function memoryOf(member: LayoutMember, options: LayoutOptions): PhysicalMemory {
  const { memoryMap } = options;
  if (memoryMap) {
    const physical = memoryMap.map(({ start, end, name = SYSTEM_RAM }) => ({ start, end, name }));
    checkMemoryMap(ramOf(physical), member.physicalBaseOf ? { ...member, physicalBase: 0n } : member);
    return { physical, ramBytes: totalBytes(ramOf(physical)) };
  }
  const ramBytes = bytesOf('ramBytes', options.ramBytes) ?? DEFAULT_RAM_BYTES;
  checkRamBytes(ramBytes, member.minimumRamBytes, member.machine.maximumRamBytes, member.name);
  return { physical: member.machine.fromSize(ramBytes, member.physicalBase), ramBytes };
}

function checkBuild({ name, heedsBuild }: LayoutMember, build: LayoutOptions['build'] = {}): void {
  const [option] = Object.keys(build);
  if (heedsBuild || option === undefined) return;
  throw new UsageError(
    `layout ${name}: found build.${option}, but its kernel is configured in one way; expected no build: leave it out, or ` +
      'write a layout file with kernel.build',
  );
}

function checkCpus(
  { name, arch }: LayoutMember,
  { cpus, nrCpus, onlineCpus, possibleCpus }: Pick<Layout, 'cpus' | 'nrCpus' | 'onlineCpus' | 'possibleCpus'>,
): void {
  const { maximumCpus } = arch.port;
  if (!Number.isInteger(nrCpus) || nrCpus < 1 || nrCpus > maximumCpus) {
    throw new UsageError(
      `layout ${name}: built for ${nrCpus} cpus; expected nrCpus to be 1 to ${maximumCpus}`,
    );
  }
  if (!Number.isInteger(cpus) || cpus < 1 || cpus > nrCpus) {
    throw new UsageError(
      `layout ${name}: ${cpus} cpus present; expected 1 to ${nrCpus}: raise nrCpus to have more`,
    );
  }
  const isBetween = (nr: number, least: number, most: number): boolean =>
    Number.isInteger(nr) && nr >= least && nr <= most;
  if (!isBetween(onlineCpus, 1, cpus))
    throw new UsageError(`layout ${name}: ${onlineCpus} cpus online; expected 1 to ${cpus}, those present`);
  if (!isBetween(possibleCpus, cpus, nrCpus))
    throw new UsageError(
      `layout ${name}: ${possibleCpus} cpus possible; expected ${cpus}, those present, to ${nrCpus}`,
    );
}

/** What callers give, in either kind of number: 2 ** 30, 1n << 30n. */
function bytesOf(option: string, size: bigint | number | undefined): bigint | undefined {
  if (size === undefined || typeof size === 'bigint') return size;
  if (Number.isSafeInteger(size)) return BigInt(size);
  throw new UsageError(`${option}: found ${size}, expected a whole number of bytes, as a bigint or a number`);
}

function checkBootSize(option: string, bytes: bigint = 0n): void {
  if (bytes < 0n) throw new UsageError(`${option}=${bytes}: expected a size of 0 bytes or more`);
}

/** The kernel is loaded before anything else, into low memory. */
function checkKernelImage({ name, kernelImage, maxLowPfn, ram, pageShift }: Layout): void {
  const holds = ({ start, end }: RamRange) => start <= kernelImage.start && kernelImage.end <= end;
  if (ram.some(holds) && kernelImage.end <= addressOf(maxLowPfn, pageShift)) return;
  throw new UsageError(
    `layout ${name}: no low memory for the kernel image; expected RAM at ` +
      `0x${kernelImage.start.toString(16)}..0x${kernelImage.end.toString(16)} ` +
      `(low memory ends at ${formatSize(addressOf(maxLowPfn, pageShift))}): give a memory map that has it`,
  );
}
