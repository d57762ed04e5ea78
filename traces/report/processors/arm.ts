/**
 * 32-bit ARM: dump_backtrace_entry() of arch/arm/kernel/traps.c, adjust_lowmem_bounds() of arch/arm/mm/mmu.c,
 * apply_relocate() of arch/arm/kernel/module.c; 2.6.0 to 7.0.
 */
import type { ReportingProcessor } from './processor.ts';

const name = 'arm';

export const ARM: ReportingProcessor = {
  name,
  sign: /\[<[0-9a-f]{8}>\] \(.{1,120}\) from |^\s{0,4}[\w.]{2,80} from [\w.]{2,80}\+0x|\(unwind_backtrace/,
  forms: [
    {
      form: /^(\S{1,32}): (?:module )?(section \d{1,4} reloc \d{1,6} sym '.{1,80}': relocation \d{1,3} out of range)/,
      request: ([module, reason]) => ({ kind: 'module', arch: name, module: module!, reason: reason! }),
    },
    {
      form: /Truncating RAM at (?:0x)?([0-9a-f]{8,16})-(?:0x)?([0-9a-f]{8,16}) to -(?:0x)?([0-9a-f]{8,16})/,
      request: ([start, end, to]) => ({
        kind: 'unused-ram',
        arch: name,
        needs: 'highmem',
        usedMb: mibBetween(start!, to!),
        coveredMb: mibBetween(start!, end!),
      }),
    },
    {
      form: /Ignoring RAM at (?:0x)?[0-9a-f]{8,16}-(?:0x)?[0-9a-f]{8,16}/,
      request: () => ({ kind: 'unused-ram', arch: name, needs: 'highmem' }),
    },
  ],
};

/** Some kernels print the last byte of a range, some the first one behind it. */
function mibBetween(start: string, end: string): number {
  return Math.round((Number.parseInt(end, 16) - Number.parseInt(start, 16)) / 2 ** 20);
}
