/** How kernels of 64-bit x86 tell of themselves. Sources as in dialect-32.ts; arch/x86/kernel/e820.c. */
import { X86_64, X86_64_LA57 } from '../../arch/x86-64.ts';
import { GIB } from '../../base/units.ts';
import type { Dialect } from '../firmware/dialect.ts';
import { SYSTEM_RAM } from '../firmware/memory-map.ts';
import { maxArchPfn, PFNS_PAE, releaseOf, X86_CPUINFO, X86_FACTS } from './dialect.ts';

/** What PAE reaches, so that more RAM is a 64-bit kernel's. */
const PAE_REACH = 64n * GIB;

export const X86_64_DIALECT: Dialect = {
  name: 'x86_64',
  wordBits: 64,
  machine: 'PC',
  architectures: [X86_64, X86_64_LA57],
  log: {
    facts: X86_FACTS,
    told: [],
    signs: {
      ownLines: ({ facts }) => (maxArchPfn(facts) ?? 0) > PFNS_PAE,
      release: ({ facts }) => /x86_64|amd64/.test(releaseOf(facts)),
      memory: ({ facts, isPc, physical }) =>
        isPc &&
        (facts.zoneDma32 !== undefined ||
          facts.wide !== undefined ||
          physical.some(({ start, name }) => name === SYSTEM_RAM && start >= PAE_REACH)),
    },
  },
  listsIomem: (entries) => entries.some(({ name, end }) => name === SYSTEM_RAM && end > PAE_REACH),
  cpuinfo: X86_CPUINFO,
  config: { processor: 'X86_64' },
  layoutOf: () => 'linux-x86_64',
  untold: () => undefined,
};
