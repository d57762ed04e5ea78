/** 64-bit x86: registers of show_regs(), arch/x86/kernel/process_64.c; 2.6.0 to 7.0. */
import type { ReportingProcessor } from './processor.ts';

export const X86_64: ReportingProcessor = {
  name: 'x86_64',
  sign: /\[<ffffffff[0-9a-f]{8}>\]|\bRIP: 00|\bRAX: [0-9a-f]{16}/,
  forms: [],
};
