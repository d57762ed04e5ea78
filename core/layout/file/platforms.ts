/** What a layout file names instead of describing it: a family, which is a kernel on a machine, and an architecture. */
import type { Architecture } from '../../arch/architecture.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { knownVersion, linuxKernel } from '../../kernel/linux.ts';
import { ARM_FAMILY } from '../arm/family.ts';
import type { BootedKernel } from '../booted.ts';
import type { Family } from '../family.ts';
import { IA64_FAMILY } from '../ia64/ia64.ts';
import { VAX_FAMILY } from '../vax/vax.ts';
import { X86_FAMILIES } from '../x86/families.ts';

/** The table of families. */
export const FAMILIES: readonly Family[] = [...X86_FAMILIES, ARM_FAMILY, IA64_FAMILY, VAX_FAMILY];

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

/** `textbook`, `vms`, `linux-2.6.31`, or the version alone. */
export function kernelOfName(name: string): Kernel | undefined {
  const version = knownVersion(name);
  if (version !== undefined) return linuxKernel(version);
  return FAMILIES.find(({ kernel }) => kernel.name === name)?.kernel;
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
