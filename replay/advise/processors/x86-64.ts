/** 64-bit x86. Source: arch/x86/include/asm/page_64_types.h and pgtable_64_types.h (MODULES_VADDR). */
import { dialectNamed } from '../../../core/index.ts';
import type { ProcessorAdvice } from './processor.ts';

const MODULES = 0xffff_ffff_8000_0000n;

export const X86_64: ProcessorAdvice = {
  dialect: dialectNamed('x86_64')!,
  modules: {
    holds: (start) => (start >= MODULES ? true : undefined),
    cure: {
      name: 'CONFIG_RANDOMIZE_BASE=n',
      means: 'other build',
      why: 'the image then takes 512 MiB of the 2 GiB, and modules have 1.5 GiB, not 1',
    },
  },
};
