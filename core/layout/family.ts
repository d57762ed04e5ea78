/**
 * A family: one kernel on one kind of machine, by the name that layout files give it. Those of each processor lie beside its
 * layouts; file/platforms.ts lists them.
 */
import type { Architecture } from '../arch/architecture.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { BootedKernel } from './booted.ts';
import type { MachineModel } from './firmware/memory-map.ts';

/** What the kernel is known on. */
export interface PortOfFamily {
  readonly arch: Architecture;
  readonly booted: BootedKernel | undefined;
}

export interface Family {
  readonly name: string;
  readonly kernel: Kernel;
  readonly machine: MachineModel;
  /** By width of a register. */
  readonly ports: readonly PortOfFamily[];
}
