/**
 * 32-bit ARM. Sources: arch/arm/include/asm/memory.h (MODULES_VADDR), arch/arm/kernel/module.c (relocations) and
 * module-plts.c (4.2), arch/arm/Kconfig (ARM_MODULE_PLTS).
 */
import { dialectNamed } from '../../../core/index.ts';
import type { ProcessorAdvice } from './processor.ts';

/** Below PAGE_OFFSET, half as many with Thumb-2: a fifteenth of the vmalloc window. */
const MOST_MODULE_BYTES = 0x100_0000n;
const FIRST_OF_64_BITS = 1n << 32n;

export const ARM: ProcessorAdvice = {
  dialect: dialectNamed('arm')!,
  modules: {
    place: '16 MiB below PAGE_OFFSET (8 with Thumb-2)',
    holds: (start, end) => (end <= FIRST_OF_64_BITS ? end - start <= MOST_MODULE_BYTES : undefined),
    isFullFirst: true,
    cure: {
      name: 'CONFIG_ARM_MODULE_PLTS=y',
      means: 'other build',
      why: 'modules that find no room go to the vmalloc window (since 4.2); with it set already, that window is full too',
    },
  },
  farModules: {
    name: 'CONFIG_ARM_MODULE_PLTS=y',
    means: 'other build',
    why: 'calls that are too far go through a table',
  },
  widerLayout: 'linux-arm64-48',
};
