/** 32-bit x86: modules are in the vmalloc window (arch/x86/include/asm/pgtable_32_areas.h). */
import { dialectNamed } from '../../../core/index.ts';
import type { ProcessorAdvice } from './processor.ts';

export const I386: ProcessorAdvice = {
  dialect: dialectNamed('i386')!,
  largerKmap: {
    name: 'a kernel without PAE',
    means: 'other build',
    why: 'on x86 its window has 1,024 slots, with PAE 512; it reaches 4 GiB',
  },
  widerLayout: 'linux-x86_64',
};
