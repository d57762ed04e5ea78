/** 32-bit x86: find_low_pfn_range() of arch/x86/mm/init_32.c (highmem_pfn_init, lowmem_pfn_init); 2.6.0 to 7.0. */
import type { ReportingProcessor } from './processor.ts';

const name = 'i386';

export const I386: ReportingProcessor = {
  name,
  sign: /\bEIP: 00|\bEAX: [0-9a-f]{8}\b|\[<[0-9a-f]{8}>\] (?:\? )?[A-Za-z_][\w.]{1,80}\+0x/,
  forms: [
    {
      form: /Warning:? only (\d{1,7})MB will be used/i,
      request: ([mb]) => ({
        kind: 'unused-ram',
        arch: name,
        needs: Number(mb) === 4096 ? 'pae' : 'highmem',
        usedMb: Number(mb),
      }),
    },
    {
      form: /Warning:? only 4GB will be used/i,
      request: () => ({ kind: 'unused-ram', arch: name, needs: 'pae', usedMb: 4096 }),
    },
  ],
};
