/**
 * How kernels of 32-bit ARM tell of themselves. Sources: arch/arm/kernel/setup.c (the processor, /proc/cpuinfo),
 * arch/arm/mm/{init,mmu}.c (windows, high memory), arch/arm/mm/proc-v7-3level.S, arch/arm/Kconfig; 2.6 to 7.x.
 */
import { ARM, ARM_LPAE } from '../../arch/arm.ts';
import type { Dialect, IomemEntry } from '../firmware/dialect.ts';
import type { Facts } from '../firmware/log-facts.ts';
import { rangeOf } from '../firmware/log-figures.ts';
import { type SplitName, splitHolding, splitLeaving, splitNamed } from '../splits.ts';

export const ARM_DIALECT: Dialect = {
  name: 'arm',
  wordBits: 32,
  machine: 'board',
  architectures: [ARM, ARM_LPAE],
  wideEntries: { name: 'LPAE' },
  log: {
    facts: {
      armCpu: /CPU: (ARM\S{0,20}) Processor \[[0-9a-f]{8}\].{0,60}cr=([0-9a-f]{8})/,
      vector: /\bvector *: 0x([0-9a-f]{8}) *- *0x([0-9a-f]{8})/,
    },
    told: [['armCpu', 'processor, cr']],
    signs: {
      ownLines: ({ facts }) => facts.armCpu !== undefined || facts.vector !== undefined,
      windows: ({ facts }) => isKmapBelowLowmem(facts),
    },
    wideEntries: lpaeOf,
    highmem: highmemOf,
    split: splitOf,
    notes: (facts) =>
      splitOf(facts) === undefined
        ? ['no line shows the split: 3G/1G is taken, as most kernels have it']
        : [],
  },
  listsIomem: isListedByArm,
  /** Kernels of 64 bits name no model of the core (arch/arm64/kernel/cpuinfo.c). */
  cpuinfo: /^(?:model name|Processor)\s*: ARMv\d/m,
  config: { processor: 'ARM', wideEntries: 'ARM_LPAE' },
  layoutOf({ split = '3G', wideEntries, highmem }) {
    return `linux-arm-${splitNamed(split).name}${wideEntries ? '-lpae' : ''}${highmem === false ? '-nohighmem' : ''}`;
  },
  untold: ({ split }) => (split === undefined ? 'split' : undefined),
};

/** ARM has modules and kmap below low memory. */
function isKmapBelowLowmem(facts: Facts): boolean {
  const [low, other] = [rangeOf(facts.lowmem), rangeOf(facts.pkmap) ?? rangeOf(facts.modules)];
  return (
    low !== undefined && other !== undefined && isOf32(low.value.start) && other.value.start < low.value.start
  );
}

function isOf32(address: bigint): boolean {
  return address < 1n << 32n;
}

/** SCTLR.AFE, which kernels with LPAE set (v7_crval). */
const ACCESS_FLAG = 1 << 29;

function lpaeOf({ armCpu }: Facts): boolean | undefined {
  return armCpu && (Number.parseInt(armCpu.groups[1]!, 16) & ACCESS_FLAG) !== 0;
}

/**
 * Since 3.11 kernels with high memory tell how much of it there is, if it is none (mem_init_print_info); those that list
 * their windows (2.6.32 to 5.0) list that of kmap.
 */
function highmemOf({ memory, lowmem, vector }: Facts): boolean | undefined {
  if (memory && /kernel code/.test(memory.groups[2] ?? '')) return false;
  return lowmem && vector ? false : undefined;
}

/** Low memory or the kernel's text begin at PAGE_OFFSET, and below it end the kmap window and that of modules. */
function splitOf(facts: Facts): SplitName | undefined {
  const below = rangeOf(facts.pkmap) ?? rangeOf(facts.modules);
  const start = (rangeOf(facts.lowmem) ?? rangeOf(facts.text))?.value.start ?? below?.value.end;
  return start === undefined ? splitOfFullLowmem(facts) : splitHolding(start);
}

/** vmalloc_size, the hole below it and what lies above VMALLOC_END, in MiB, by version (arch/arm/mm/mmu.c). */
const WINDOWS_MB = 240 + 8 + 8;
const SLACK_MB = 8;

/** With high memory low memory is full: its size tells the split. Pools of either kind may not be counted as high yet. */
function splitOfFullLowmem({ memory, commandLine }: Facts): SplitName | undefined {
  const [, total, rest = ''] = memory?.groups ?? [];
  const high = kibIn(/(\d{1,12})[kK] highmem/, rest);
  if (high === 0 || /\bvmalloc=/.test(commandLine?.groups[0] ?? '')) return undefined;
  const low = [Number(total) - high, Number(total) - high - kibIn(/(\d{1,12})[kK] cma-reserved/, rest)];
  const splits = low.map((kib) => splitLeaving(kib / 1024, WINDOWS_MB - SLACK_MB, WINDOWS_MB + SLACK_MB));
  return splits.find((split) => split !== undefined);
}

function kibIn(form: RegExp, text: string): number {
  return Number(form.exec(text)?.[1] ?? 0);
}

/** MIPS lists its bss too (arch/mips/kernel/setup.c), RISC-V an image: then it is neither. */
function isListedByArm(entries: readonly IomemEntry[]): boolean {
  const has = (what: string): boolean => entries.some(({ name }) => name === what);
  return has('Kernel code') && !has('Kernel bss') && !has('Kernel image');
}
