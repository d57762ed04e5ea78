/** Where 32-bit ARM kernels have the windows at the top of the address space, by version. */
import { type Era, inEra } from './eras.ts';
import type { LinuxVersion } from './version.ts';

export interface ArmWindows {
  readonly vmallocEnd: bigint;
  /** FIXADDR_START to FIXADDR_END: the address of the first slot is that of the last page. */
  readonly fixmap: { readonly start: bigint; readonly end: bigint };
  /** The device tree has addresses of its own, above vmalloc; before that it lay in low memory. */
  readonly mapsDeviceTree: boolean;
}

const VMALLOC_ENDS: readonly Era<bigint>[] = [
  { since: '4.3', value: 0xff80_0000n, source: 'arch/arm/include/asm/pgtable.h, VMALLOC_END' },
  { since: '2.6.0', value: 0xff00_0000n, source: 'arch/arm/include/asm/pgtable.h, VMALLOC_END' },
];

const FIXMAPS: readonly Era<ArmWindows['fixmap']>[] = [
  {
    since: '5.11',
    value: { start: 0xffc8_0000n, end: 0xfff0_0000n },
    source: 'arch/arm/include/asm/fixmap.h, FIXADDR_START',
  },
  {
    since: '3.18',
    value: { start: 0xffc0_0000n, end: 0xfff0_0000n },
    source: 'arch/arm/include/asm/fixmap.h, FIXADDR_START',
  },
  {
    since: '2.6.0',
    value: { start: 0xfff0_0000n, end: 0xfffe_0000n },
    source: 'arch/arm/include/asm/fixmap.h, FIXADDR_START, FIXADDR_TOP',
  },
];

const DEVICE_TREES: readonly Era<boolean>[] = [
  { since: '5.11', value: true, source: 'arch/arm/include/asm/memory.h, FDT_FIXED_BASE' },
  { since: '2.6.0', value: false, source: 'arch/arm/kernel/setup.c, setup_machine_fdt()' },
];

export function armWindows(version: LinuxVersion): ArmWindows {
  return {
    vmallocEnd: inEra(VMALLOC_ENDS, version),
    fixmap: inEra(FIXMAPS, version),
    mapsDeviceTree: inEra(DEVICE_TREES, version),
  };
}
