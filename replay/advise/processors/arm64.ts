/** arm64. Source: arch/arm64/Kconfig (ARM64_MODULE_PLTS to 6.4, since then always), arch/arm64/kernel/module.c. */
import { dialectNamed } from '../../../core/index.ts';
import type { ProcessorAdvice } from './processor.ts';

export const ARM64: ProcessorAdvice = {
  dialect: dialectNamed('arm64')!,
  modules: {
    cure: {
      name: 'Linux 6.5, or nokaslr',
      means: 'boot option',
      why: 'before, modules had 128 MiB beside the image, which a random place may overlap; now 2 GiB',
    },
  },
};
