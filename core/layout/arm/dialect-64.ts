/**
 * How kernels of arm64 tell of themselves. Sources: arch/arm64/kernel/{setup,smp,cpuinfo}.c, arch/arm64/mm/init.c (windows),
 * arch/arm64/Kconfig; 3.7 to 7.x.
 */
import { ARM64_16K_47, ARM64_39, ARM64_48, ARM64_64K_48 } from '../../arch/arm64.ts';
import type { Dialect, LayoutFacts } from '../firmware/dialect.ts';

export const ARM64_DIALECT: Dialect = {
  name: 'arm64',
  wordBits: 64,
  machine: 'board',
  architectures: [ARM64_39, ARM64_48, ARM64_16K_47, ARM64_64K_48],
  log: {
    facts: {
      arm64Cpu: /(AArch64 Processor|Booting Linux on physical CPU 0x[0-9a-f]{10} \[0x[0-9a-f]{8}\])/,
    },
    told: [['arm64Cpu', 'processor']],
    signs: { ownLines: ({ facts }) => facts.arm64Cpu !== undefined },
    notes: ({ vmalloc }) =>
      vmalloc === undefined
        ? ['no line shows how many address bits the kernel was built for: as distributions have them']
        : [],
  },
  /** What is reserved inside RAM it lists in small letters. */
  listsIomem: (entries) => entries.some(({ name, depth }) => depth > 0 && name === 'reserved'),
  cpuinfo: /^CPU architecture\s*: (?:8|AArch64)$/m,
  config: {
    processor: 'ARM64',
    pageBytes: [
      ['ARM64_4K_PAGES', 4096],
      ['ARM64_16K_PAGES', 16384],
      ['ARM64_64K_PAGES', 65536],
    ],
    vaBits: 'ARM64_VA_BITS',
  },
  layoutOf,
  untold: ({ pageBytes, vaBits, said }) =>
    pageBytes === undefined && vaBits === undefined && said === undefined ? 'size of its pages' : undefined,
};

/** With 39 bits the kernel's half begins there; distributions have pages of 4 KiB and 48 bits. */
const FIRST_OF_39_BITS = 0xffff_ff80_0000_0000n;

function layoutOf({ pageBytes, said, vaBits }: LayoutFacts): string {
  if (pageBytes === 65536) return 'linux-arm64-64k-48';
  if (pageBytes === 16384) return 'linux-arm64-16k-47';
  const vmalloc = said?.vmalloc?.value;
  const has39 = vaBits === 39 || (vmalloc !== undefined && vmalloc.start >= FIRST_OF_39_BITS);
  return has39 ? 'linux-arm64-39' : 'linux-arm64-48';
}
