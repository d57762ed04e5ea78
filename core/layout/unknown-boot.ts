/** What is known of a kernel once it is up, under another version: that nothing of it was compared. */
import type { BootedKernel } from './booted.ts';

export function unknownBoot(booted: BootedKernel | undefined): BootedKernel | undefined {
  if (booted === undefined) return undefined;
  return {
    ...booted,
    isChecked: false,
    specialRights: () => [],
    otherMappings: () => [],
    miscounted: () => new Map(),
    emptyTables: () => [],
    constants: () => ({}),
  };
}
