/** The table of processors that there is advice for, a line each. */
import { dialectOfArchitecture, type Layout } from '../../../core/index.ts';
import { ARM } from './arm.ts';
import { ARM64 } from './arm64.ts';
import { I386 } from './i386.ts';
import type { ProcessorAdvice } from './processor.ts';
import { X86_64 } from './x86-64.ts';

export type { ModuleWindow, ProcessorAdvice } from './processor.ts';

export const PROCESSORS: readonly ProcessorAdvice[] = [I386, ARM, X86_64, ARM64];

/** By the name that kernels give it; undefined for none, and for one that is not known. */
export function processorNamed(
  name: string | undefined,
  processors: readonly ProcessorAdvice[] = PROCESSORS,
): ProcessorAdvice | undefined {
  return processors.find(({ dialect }) => dialect.name === name);
}

/** That of a layout. */
export function processorOf(
  { arch }: Pick<Layout, 'arch'>,
  processors: readonly ProcessorAdvice[] = PROCESSORS,
): ProcessorAdvice | undefined {
  return processors.find(({ dialect }) => dialectOfArchitecture(arch, [dialect]) !== undefined);
}
