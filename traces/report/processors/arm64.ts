/** arm64: dump_backtrace_entry() of arch/arm64/kernel/{traps,stacktrace}.c, __show_regs(), entry.S; 3.7 to 7.0. */
import type { ReportingProcessor } from './processor.ts';

export const ARM64: ReportingProcessor = {
  name: 'arm64',
  // Since 6.13 with where a frame was found: `(C)`, `(P)`, `(L)`.
  sign: /\bel[01]t?_\d{0,2}_?(?:svc|sync|irq)|\+0x[0-9a-f]{1,6}\/0x[0-9a-f]{1,6} \([CFGKPLT]{1,3}\)$|^\s{0,4}dump_backtrace(?:\.part\.\d)?\+0x|\bpstate: [0-9a-f]{8}|\[<ffff[f0-9][0-9a-f]{11}>\] dump_backtrace/,
  forms: [],
};
