/** The table of dialects, and what is read by them: a line for each processor whose kernels vmsplit knows. */
import type { Architecture } from '../../arch/architecture.ts';
import { ARM_DIALECT } from '../arm/dialect-32.ts';
import { ARM64_DIALECT } from '../arm/dialect-64.ts';
import { type Dialect, dialectOfArchitecture } from '../firmware/dialect.ts';
import type { MemoryReport } from '../firmware/memory-report.ts';
import { memoryReportIn, withRam } from '../firmware/parse-memory-map.ts';
import type { PhysicalRange } from '../layout.ts';
import { I386_DIALECT } from '../x86/dialect-32.ts';
import { X86_64_DIALECT } from '../x86/dialect-64.ts';

/** Where nothing tells which of several it is, the first one is likelier. */
export const DIALECTS: readonly Dialect[] = [X86_64_DIALECT, I386_DIALECT, ARM64_DIALECT, ARM_DIALECT];

/** By the name that kernels give their processor. */
export function dialectNamed(name: string | undefined): Dialect | undefined {
  return DIALECTS.find((dialect) => dialect.name === name);
}

/** That of the kernels of an architecture. */
export function dialectOf(arch: Pick<Architecture, 'name'>): Dialect | undefined {
  return dialectOfArchitecture(arch, DIALECTS);
}

/** What a text tells of its machine; its RAM may be missing. @throws UsageError for what cannot be read */
export function readMemoryReport(text: string, dialects: readonly Dialect[] = DIALECTS): MemoryReport {
  return memoryReportIn(text, dialects);
}

/** The memory map in a text, ascending. Throws UsageError when there is no RAM or a line cannot be read. */
export function parseMemoryMap(text: string): PhysicalRange[] {
  return [...withRam(readMemoryReport(text)).physical];
}
