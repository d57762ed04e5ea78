/**
 * What is known to help, or not to, against failures that no replay shows: each with its reason in the kernel's source.
 *
 * What is so on one processor alone lies in ../processors. Sources: kernel/dma/swiotlb.c, kernel/dma/mapping.c
 * (dma_max_mapping_size, 5.3), kernel/dma/contiguous.c (cma=), kernel/dma/pool.c and arch/arm/mm/dma-mapping.c
 * (coherent_pool=), mm/percpu-vm.c, mm/highmem.c, mm/memcontrol.c, mm/page_alloc.c (min_free_kbytes, highatomic),
 * arch/x86/mm/init_32.c, arch/x86/Kconfig (HIGHMEM64G, gone in 6.15).
 */

import { hasOption } from '../../../core/arch/port.ts';
import type { FailureReport } from '../../../traces/index.ts';
import { formatBytes } from '../../text/units.ts';
import { type ModuleWindow, PROCESSORS, type ProcessorAdvice, processorNamed } from '../processors/index.ts';
import type { Verdict, VerdictKind } from '../verdict/kinds.ts';
import type { Means } from './candidates.ts';

export interface Rule {
  readonly name: string;
  readonly means: Means | 'run time' | 'driver';
  readonly why: string;
}

export interface Rules {
  readonly helps: readonly Rule[];
  readonly doesNot: readonly Pick<Rule, 'name' | 'why'>[];
}

/** `processor`: undefined where nothing tells it. */
type RulesFor = (verdict: Verdict, processor: ProcessorAdvice | undefined) => Partial<Rules>;

function vmallocOptionOfModules(modules: ModuleWindow | undefined): Pick<Rule, 'name' | 'why'> {
  const place = modules?.place === undefined ? '' : `: ${modules.place}`;
  return {
    name: 'vmalloc=',
    why: `the window of the modules lies apart, at the kernel image${place}, whatever the option says`,
  };
}

/** An option that not all kernels have. */
function highmemOption(processor: ProcessorAdvice | undefined): Rules['doesNot'] {
  const { architectures = [] } = processor?.dialect ?? {};
  if (processor !== undefined && !architectures.some(({ port }) => hasOption(port, 'highmem'))) return [];
  return [{ name: 'highmem=', why: 'it makes high memory larger, at the expense of low memory' }];
}

const BELOW_4G: Rule = {
  name: 'mem=4G or less',
  means: 'boot option',
  why: 'what every device reaches is not bounced; costs the RAM above',
};

/** PERCPU_MODULE_RESERVE of include/linux/percpu.h, 2.6.30 to 7.0. */
const FEWER_MODULES: Rule = {
  name: 'modules built in',
  means: 'other build',
  why: 'per-cpu variables of modules have 8 KiB a cpu together; those of the image have room of their own',
};

const LARGER_WINDOW: Rule = {
  name: 'vmalloc= larger',
  means: 'boot option',
  why: 'chunks of per-cpu memory lie in the vmalloc window of a 32-bit kernel; costs as much low memory',
};

function freeInArea(requestBytes: number, freeKb: number | undefined): string {
  if (freeKb === undefined) return '';
  const free = formatBytes(freeKb * 1024);
  return freeKb * 1024 < requestBytes ? `, and only ${free} are free` : `, ${free} are free in pieces`;
}

/** `times` what is kept now, and `leastKb` at least. */
function moreKeptFree({ order = 0, minFreeKb = 0 }: Verdict, leastKb: number, times: number): Rule {
  return {
    name: `vm.min_free_kbytes=${Math.max(leastKb, minFreeKb * times)}`,
    means: 'run time',
    why: `more than ${minFreeKb} kB is kept free, so that blocks of order ${order} stay more often; no guarantee`,
  };
}

const RULES: Partial<Readonly<Record<VerdictKind, RulesFor>>> = {
  'module-window': (_, processor) => ({
    helps: [
      ...(processor?.modules === undefined ? [] : [processor.modules.cure]),
      {
        name: 'large modules built in',
        means: 'other build',
        why: 'what is part of the kernel image takes nothing of the window',
      },
    ],
    doesNot: [
      vmallocOptionOfModules(processor?.modules),
      { name: 'another split', why: 'the window is as large under each: it ends where the kernel begins' },
    ],
  }),
  'module-reach': (_, processor) => ({
    helps: processor?.farModules === undefined ? [] : [processor.farModules],
    doesNot: [vmallocOptionOfModules(processor?.modules)],
  }),
  'swiotlb-full': ({ totalSlots = 32768, usedSlots }) => ({
    doesNot:
      usedSlots !== undefined && usedSlots < totalSlots / 2
        ? [{ name: 'waiting', why: `only ${usedSlots} of ${totalSlots} slots are taken: they are in pieces` }]
        : [],
  }),
  'swiotlb-segment': () => ({
    helps: [
      {
        name: 'smaller mappings',
        means: 'driver',
        why: 'a driver should ask dma_max_mapping_size() (since 5.3): 128 slots in a row, 256 KiB, are the most',
      },
      BELOW_4G,
    ],
    doesNot: [{ name: 'swiotlb=', why: 'the pool gets larger, the longest run in it stays 256 KiB' }],
  }),
  'cma-only': ({ cmaPages }) => ({
    helps:
      cmaPages === undefined
        ? [{ name: 'cma= smaller', means: 'boot option', why: 'what CMA does not keep the kernel may use' }]
        : [],
    doesNot: [
      { name: 'vm.min_free_kbytes', why: 'a higher mark refuses sooner; pages of CMA do not count for it' },
    ],
  }),
  'cma-space': ({ requestBytes = 0, freeKb }) => ({
    helps: [
      {
        name: 'cma= larger',
        means: 'boot option',
        why: `a run of ${formatBytes(requestBytes)} is wanted${freeInArea(requestBytes, freeKb)}; costs low memory to requests that cannot be moved`,
      },
    ],
    doesNot: [{ name: 'vmalloc=', why: 'the pages have to be physically contiguous' }],
  }),
  'coherent-pool': () => ({
    helps: [
      {
        name: 'coherent_pool=4M',
        means: 'boot option',
        why: 'the pool for DMA without waiting is 256 KiB by default',
      },
    ],
    doesNot: [{ name: 'vmalloc=', why: 'the pool is set aside at boot' }],
  }),
  'percpu-space': ({ reason = '' }, processor) => ({
    helps: reason.includes('reserved')
      ? [FEWER_MODULES]
      : processor?.dialect.wordBits === 32
        ? [LARGER_WINDOW]
        : [],
    doesNot: reason.includes('reserved')
      ? [{ name: 'vmalloc=', why: 'what modules get is one area of a fixed size, set aside at boot' }]
      : [],
  }),
  'kmap-slots': () => ({
    helps: [
      {
        name: 'kmap() given back',
        means: 'driver',
        why: 'a slot is held until kunmap(): who holds them all is the fault',
      },
    ],
    doesNot: [{ name: 'vmalloc=', why: 'the kmap window is apart and of one size' }],
  }),
  'cgroup-limit': ({ limitKb }) => ({
    helps: [
      {
        name: 'memory.max of the group',
        means: 'run time',
        why:
          limitKb === undefined
            ? 'the group is at its own limit'
            : `the group is at its limit of ${formatBytes(limitKb * 1024)}`,
      },
    ],
    doesNot: [
      { name: 'another split or more RAM', why: 'the machine had memory; the group may not have more' },
    ],
  }),
  'lowmem-exhausted': (_, processor) => ({ doesNot: highmemOption(processor) }),
  'lowmem-fragmented': (verdict, processor) => ({
    doesNot: highmemOption(processor),
    helps: [moreKeptFree(verdict, 16384, 4)],
  }),
  fragmented: (verdict) => ({
    helps: [
      moreKeptFree(verdict, 65536, 2),
      {
        name: 'smaller blocks, or vmalloc()',
        means: 'driver',
        why: `${2 ** (verdict.order ?? 0)} contiguous pages need not be there`,
      },
    ],
  }),
  'atomic-reserve': () => ({
    helps: [
      {
        name: 'vm.min_free_kbytes lower',
        means: 'run time',
        why: 'the reserve is a hundredth of the zone at most; marks add to it',
      },
    ],
  }),
  'dma-zone-exhausted': () => ({
    helps: [
      { name: 'a wider DMA mask', means: 'driver', why: 'what reaches more need not ask for this zone' },
      { name: 'allocated at boot', means: 'driver', why: 'the zone is free then' },
    ],
    doesNot: [{ name: 'another split', why: 'the zone is where the device reaches, under each split' }],
  }),
  'out-of-memory': () => ({
    helps: [{ name: 'swap, or fewer processes', means: 'run time', why: 'memory as a whole is used up' }],
    doesNot: [{ name: 'another split', why: 'it moves addresses, and makes no page' }],
  }),
  'larger-than-ram': ({ requestBytes = 0 }) => ({
    helps: [
      {
        name: 'the caller',
        means: 'driver',
        why: `${formatBytes(requestBytes)} is more than there is: a wrong size, most likely`,
      },
    ],
  }),
  'no-pae': () => ({
    doesNot: [{ name: 'highmem=', why: 'page-table entries of 32 bits reach 4 GiB; PAE is gone since 6.15' }],
  }),
  'no-highmem': () => ({
    doesNot: [{ name: 'highmem=', why: 'the option of a kernel that has high memory' }],
  }),
};

/** What widens what ran out, where no file tells of a machine that it could be tried on. */
const UNTRIED: Partial<
  Readonly<Record<VerdictKind, (verdict: Verdict, processor: ProcessorAdvice | undefined) => readonly Rule[]>>
> = {
  'swiotlb-full': ({ totalSlots = 32768 }) => [
    {
      name: `swiotlb=${totalSlots * 2}`,
      means: 'boot option',
      why: `twice the slots of 2 KiB; takes ${formatBytes(totalSlots * 2048)} more of low memory`,
    },
    BELOW_4G,
  ],
  'kmap-slots': (_, processor) => [
    ...(processor === undefined ? PROCESSORS : [processor]).flatMap(({ largerKmap }) => largerKmap ?? []),
    { name: 'a 64-bit kernel', means: '64-bit kernel', why: 'it needs no kmap window' },
  ],
  'vmalloc-space': () => [
    {
      name: 'vmalloc=',
      means: 'boot option',
      why: 'a larger window on 32 bits: VmallocTotal of /proc/meminfo is what there is; low memory loses what it gains',
    },
  ],
};

/** @param arch what the report or a log tells of the processor */
export function rulesFor(
  verdict: Verdict,
  arch: FailureReport['arch'],
  isTried: boolean,
  processors: readonly ProcessorAdvice[] = PROCESSORS,
): Rules {
  const processor = processorNamed(arch, processors);
  const { helps = [], doesNot = [] } = RULES[verdict.kind]?.(verdict, processor) ?? {};
  const untried = isTried ? [] : (UNTRIED[verdict.kind]?.(verdict, processor) ?? []);
  return { helps: [...helps, ...untried], doesNot };
}
