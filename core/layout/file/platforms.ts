/** What a layout file names instead of describing it: a family, which is a kernel on a machine, and an architecture. */
import type { Architecture } from '../../arch/architecture.ts';
import { ARM, ARM_LPAE } from '../../arch/arm.ts';
import { ARM64_16K_47, ARM64_39, ARM64_48, ARM64_64K_48 } from '../../arch/arm64.ts';
import { ia64 } from '../../arch/ia64.ts';
import { VAX } from '../../arch/vax.ts';
import { X86_32, X86_PAE } from '../../arch/x86-32.ts';
import { X86_64 } from '../../arch/x86-64.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { knownVersion, linuxKernel } from '../../kernel/linux.ts';
import { LINUX_6_1 } from '../../kernel/linux-6.1.ts';
import { TEXTBOOK, VMS } from '../../kernel/others.ts';
import { BOOTED_ARM } from '../arm/booted-arm.ts';
import { BOOTED_ARM64 } from '../arm/booted-arm64.ts';
import type { BootedKernel } from '../booted.ts';
import { CONTIGUOUS, type MachineModel, PC } from '../firmware/memory-map.ts';
import { BOOK_32, BOOTED_32 } from '../x86/booted-32.ts';
import { BOOK_64, BOOTED_64 } from '../x86/booted-64.ts';

interface PortOfFamily {
  readonly arch: Architecture;
  readonly booted: BootedKernel | undefined;
}

export interface Family {
  readonly name: string;
  readonly kernel: Kernel;
  readonly machine: MachineModel;
  /** What the kernel is known on, by width of a register. */
  readonly ports: readonly PortOfFamily[];
}

const ARM64 = [ARM64_39, ARM64_48, ARM64_16K_47, ARM64_64K_48];

export const FAMILIES: readonly Family[] = [
  {
    name: 'textbook',
    kernel: TEXTBOOK,
    machine: CONTIGUOUS,
    ports: [
      { arch: X86_32, booted: BOOK_32 },
      { arch: X86_PAE, booted: BOOK_32 },
      { arch: X86_64, booted: BOOK_64 },
    ],
  },
  {
    name: 'linux-6.1',
    kernel: LINUX_6_1,
    machine: PC,
    ports: [
      { arch: X86_32, booted: BOOTED_32 },
      { arch: X86_PAE, booted: BOOTED_32 },
      { arch: X86_64, booted: BOOTED_64 },
    ],
  },
  {
    name: 'arm',
    kernel: LINUX_6_1,
    machine: CONTIGUOUS,
    ports: [
      { arch: ARM, booted: BOOTED_ARM },
      { arch: ARM_LPAE, booted: BOOTED_ARM },
      ...ARM64.map((arch) => ({ arch, booted: BOOTED_ARM64 })),
    ],
  },
  { name: 'ia64', kernel: LINUX_6_1, machine: CONTIGUOUS, ports: [{ arch: ia64(12), booted: undefined }] },
  { name: 'vax', kernel: VMS, machine: CONTIGUOUS, ports: [{ arch: VAX, booted: undefined }] },
];

export const FAMILY_NAMES: readonly string[] = FAMILIES.map(({ name }) => name);

const ARCHITECTURES = new Map(
  FAMILIES.flatMap(({ ports }) => ports.map(({ arch }) => [arch.name, arch] as const)),
);

export const ARCHITECTURE_NAMES: readonly string[] = [...ARCHITECTURES.keys()];

export function familyNamed(name: string): Family | undefined {
  return FAMILIES.find((family) => family.name === name);
}

export function architectureNamed(name: string): Architecture | undefined {
  return ARCHITECTURES.get(name);
}

const OTHER_KERNELS = [TEXTBOOK, VMS];

/** `textbook`, `vms`, `linux-2.6.31`, or the version alone. */
export function kernelOfName(name: string): Kernel | undefined {
  const version = knownVersion(name);
  return version === undefined ? OTHER_KERNELS.find((other) => other.name === name) : linuxKernel(version);
}

/** For a file that names none: by the widths of a register and of an entry. */
export function usualArchitecture({ ports }: Family, wordBits: number, entryBytes: number): Architecture {
  const arches = ports.map(({ arch }) => arch);
  return (
    arches.find((arch) => arch.wordBits === wordBits && arch.translation.entryBytes === entryBytes) ??
    arches.find((arch) => arch.wordBits >= wordBits) ??
    arches.at(-1)!
  );
}

/** What is known of the family's kernel on an architecture. */
export function bootedKernel({ ports }: Family, archName: string): BootedKernel | undefined {
  return ports.find(({ arch }) => arch.name === archName)?.booted;
}
