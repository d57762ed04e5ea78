/**
 * Options that a machine does not heed. A kernel ignores most of them silently or with a line in its log; here each is an
 * error, since who gives an option expects it to change something.
 */

import { hasOption, type OwnOption } from '../../core/arch/port.ts';
import { wantsPool } from '../../core/dma/bounce-pool.ts';
import { type Layout, UsageError } from '../../core/index.ts';
import { mmuGeometry } from '../../core/paging/geometry.ts';
import { hugePages } from '../../core/thp/settings.ts';
import { settingText } from './lane-text.ts';
import { givenOptions, type MachineSpec, reclaims } from './machine-options.ts';
import type { LaneSpec } from './run-spec.ts';
import { thpOf } from './thp.ts';
import { sizeText } from './values.ts';

/** A layout that is built, with how it would be with another vmalloc=. */
export interface BuiltLane {
  readonly lane: LaneSpec;
  readonly layout: Layout;
  /** The RAM comes from a memory map. */
  readonly hasMemoryMap: boolean;
  withVmalloc(bytes: bigint | undefined): Layout;
}

/** Why an option has no effect, and what to do; undefined: it has one. */
type Check = (built: BuiltLane) => string | undefined;

const CHECKS: readonly (readonly [keyof MachineSpec, Check])[] = [
  ['memoryMap', memoryMapCheck],
  ['kernel', kernelCheck],
  ['nopse', nopseCheck],
  ['nopge', ownCheck('nopge')],
  ['vmalloc', vmallocCheck],
  ['highmem', highmemCheck],
  ['cma', cmaCheck],
  ['swiotlb', swiotlbCheck],
  ['swap', swapCheck],
  ['thp', thpCheck],
  ['thpDefrag', defragCheck],
  ['scanSleepMillisecs', hugeCheck],
  ['pagesToScan', hugeCheck],
  ['maxPtesNone', hugeCheck],
  ['maxPtesSwap', maxPtesSwapCheck],
  ['maxPtesShared', hugeCheck],
  ['legacyVaLayout', legacyCheck],
];

/** Throws a UsageError for the first option that this lane would not heed. */
export function checkEffects(built: BuiltLane): void {
  for (const [key, check] of CHECKS) {
    if (built.lane[key] === undefined) continue;
    const reason = check(built);
    if (reason !== undefined) throw withoutEffect(built.lane, key, reason);
  }
}

/** An option that a lane has no use for. */
export class OptionError extends UsageError {
  override readonly name = 'OptionError';
  readonly key: keyof MachineSpec;

  constructor(key: keyof MachineSpec, message: string) {
    super(message);
    this.key = key;
  }
}

export function withoutEffect(lane: LaneSpec, key: keyof MachineSpec, reason: string): OptionError {
  const given = givenOptions(lane).find(([option]) => option.key === key)!;
  return new OptionError(
    key,
    `${lane.layout}: ${settingText(given)} has no effect: ${reason}. Leave it out, or give it only to the layouts ` +
      `that heed it, as in NAME:${settingText(given)}`,
  );
}

/** A log that tells of no RAM needs an amount beside it. */
function memoryMapCheck({ lane: { ram }, hasMemoryMap }: BuiltLane): string | undefined {
  return ram === undefined || !hasMemoryMap
    ? undefined
    : `ram=${sizeText(ram)} says how much RAM there is; expected one of the two`;
}

/** Options of kernels for some processors. */
function ownCheck(option: OwnOption): Check {
  return ({ layout: { arch } }) =>
    hasOption(arch.port, option) ? undefined : 'kernels for this processor have no such option';
}

/** Kernels of 64 bits do not boot without large pages. */
function nopseCheck(built: BuiltLane): string | undefined {
  const is64 =
    built.layout.arch.wordBits === 64 ? 'a 64-bit kernel cannot do without large pages' : undefined;
  return ownCheck('nopse')(built) ?? is64;
}

/** Books and VMS have one kernel; what their layouts draw is of no version of Linux. */
function kernelCheck({ lane, layout: { family } }: BuiltLane): string | undefined {
  return lane.layout.startsWith('linux-') || lane.layout.endsWith('.json')
    ? undefined
    : `the kernel of a layout of the family ${family} has no versions`;
}

/** Whatever a 32-bit kernel reserves for vmalloc, the direct map lacks; another amount shows whether it does. */
function vmallocCheck({ lane: { vmalloc }, layout, withVmalloc }: BuiltLane): string | undefined {
  const isHeeded = (bytes: bigint): boolean => {
    try {
      return withVmalloc(bytes).maxMem !== layout.maxMem;
    } catch (error) {
      if (error instanceof UsageError) return true; // an amount is refused only where it matters
      throw error;
    }
  };
  if (withVmalloc(undefined).maxMem !== layout.maxMem || isHeeded(BigInt(vmalloc!) * 2n)) return undefined;
  return 'the vmalloc area of this layout is a constant';
}

/** highmem_pfn_init and lowmem_pfn_init warn and go on without it (arch/x86/mm/init_32.c, v6.1). */
function highmemCheck(built: BuiltLane): string | undefined {
  const { lane, layout } = built;
  return ownCheck('highmem')(built) ?? highmemAmount(lane, layout);
}

function highmemAmount({ highmem }: LaneSpec, layout: Layout): string | undefined {
  const { highstartPfn, maxPfn, pageShift } = layout;
  if (highstartPfn === undefined) return 'this kernel has no high memory';
  const there = (maxPfn - highstartPfn) * 2 ** pageShift;
  const asked = highmem! - (highmem! % 2 ** pageShift);
  if (there === asked) return undefined;
  return `with this RAM there can be no such amount of high memory; there is ${sizeText(there)}`;
}

function cmaCheck({ layout: { arch } }: BuiltLane): string | undefined {
  return arch.port.cma === undefined ? 'kernels for this processor keep no memory for that' : undefined;
}

function swiotlbCheck({ layout }: BuiltLane): string | undefined {
  return wantsPool(layout) ? undefined : 'a kernel without RAM above 4 GiB sets no bounce buffers aside';
}

function swapCheck({ lane: { reclaim, swap } }: BuiltLane): string | undefined {
  if (swap === 0 || reclaim !== false) return undefined;
  return 'pages are swapped out by reclaim only, and reclaim=off';
}

/** Throws for settings that no huge page of this layout can have. */
function thpCheck({ lane, layout }: BuiltLane): string | undefined {
  const { thp } = lane;
  if (thp === 'never' || hugePages(layout, mmuGeometry(layout, {}), thpOf(lane)) !== undefined)
    return undefined;
  return 'no page of this layout can be huge';
}

/** Settings of huge pages, where there are none. */
function hugeCheck({ lane: { thp } }: BuiltLane): string | undefined {
  return thp === undefined || thp === 'never'
    ? 'there are huge pages with thp=always or madvise only'
    : undefined;
}

function defragCheck(built: BuiltLane): string | undefined {
  const reason = reclaims(built.lane) ? undefined : 'nobody makes room for a huge page without reclaim';
  return hugeCheck(built) ?? reason;
}

function maxPtesSwapCheck(built: BuiltLane): string | undefined {
  const reason = (built.lane.swap ?? 0) > 0 ? undefined : 'there is no swap area';
  return hugeCheck(built) ?? reason;
}

function legacyCheck({ lane: { legacyVaLayout }, layout }: BuiltLane): string | undefined {
  if (legacyVaLayout !== true || layout.userParts === undefined) return undefined;
  return 'each part of its user space has an order of its own';
}
