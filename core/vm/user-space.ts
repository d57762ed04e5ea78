/**
 * Where a layout puts what programs map, as page numbers: worked out once at boot from the layout and from what the
 * administrator may set, the limit of the stack (RLIMIT_STACK) and the old order of mappings (vm.legacy_va_layout).
 * Addresses are those without randomisation. Sources: arch/x86/mm/mmap.c, arch/x86/include/asm/elf.h, v6.1.
 */

import { pfnOf } from '../base/units.ts';
import type { AddressRange, Layout, UserParts } from '../layout/layout.ts';
import { mmapLegacyBase, pageNumber } from '../layout/regions.ts';

export interface UserSpaceOptions {
  /** RLIMIT_STACK in bytes, 'unlimited', or by default 8 MiB (_STK_LIM, include/uapi/linux/resource.h). */
  readonly stackLimitBytes?: bigint | 'unlimited';
  /**
   * Mappings go upwards from a third of user space, as before Linux 2.6.9 (vm.legacy_va_layout, ADDR_COMPAT_LAYOUT). In
   * v6.1 a stack without limit is no reason for it. Layouts whose user space has parts have an order of their own.
   */
  readonly legacyMmap?: boolean;
  /**
   * A 32-bit program of a 64-bit kernel: a position-independent one lies 16 MiB above a third of user space
   * (COMPAT_ELF_ET_DYN_BASE, arch/x86/include/asm/elf.h).
   */
  readonly compat?: boolean;
}

const COMPAT_PIE_OFFSET = 0x100_0000n;

export interface UserSpace {
  /** First page above user space. */
  readonly endVpn: number;
  /** First pages above its parts, ascending; nothing is mapped across the end of one. */
  readonly partEnds: readonly number[];
  /** First page that may be mapped. */
  readonly lowestVpn: number;
  /** Text of a fixed-address program, and of a position-independent one that has a dynamic linker. */
  readonly textVpn: number;
  readonly pieVpn: number;
  /** The heap of a program that has neither: one that is mapped as a dynamic linker is. */
  readonly heapVpn: number;
  /** Mappings go downwards from mmap_base, upwards from TASK_UNMAPPED_BASE. */
  readonly mmapBaseVpn: number;
  readonly unmappedBaseVpn: number;
  readonly mmapEndVpn: number;
  readonly legacyMmap: boolean;
  /** Stacks lie between these. */
  readonly stackLowVpn: number;
  readonly stackTopVpn: number;
  readonly stackLimitPages: number;
  /** Pages below a stack that stay empty (stack_guard_gap). */
  readonly stackGuardPages: number;
  /** Pages that a new stack has: one with the arguments, and some below it (setup_arg_pages). */
  readonly firstStackPages: number;
}

export function userSpaceOf(layout: Layout, options: UserSpaceOptions): UserSpace {
  return layout.userParts === undefined
    ? wholeUserSpace(layout, options)
    : partedUserSpace(layout, layout.userParts, options);
}

function wholeUserSpace(layout: Layout, options: UserSpaceOptions): UserSpace {
  const { arch, kernel } = layout;
  const rules = kernel.userSpace;
  const { stackLimitBytes = rules.stackLimitBytes, legacyMmap = false } = options;
  const pieBase = options.compat
    ? mmapLegacyBase(layout) + COMPAT_PIE_OFFSET
    : arch.port.pieBase(layout.stackTop);
  const pageBytes = 2n ** BigInt(layout.pageShift);
  const page = (address: bigint): number => Number(address / pageBytes);
  const lowest = page(rules.mmapMinBytes);
  const mmapBaseVpn = page(mmapBase(layout, options.stackLimitBytes, pageBytes));
  const stackTopVpn = page(layout.stackTop);
  return {
    endVpn: page(layout.taskSize),
    partEnds: [page(layout.taskSize)],
    lowestVpn: lowest === 0 ? 1 : lowest,
    textVpn: page(layout.textBase),
    pieVpn: page(pieBase),
    heapVpn: page(pieBase + pageBytes - 1n),
    mmapBaseVpn,
    unmappedBaseVpn: page(mmapLegacyBase(layout)),
    mmapEndVpn: stackTopVpn,
    legacyMmap,
    stackLowVpn: mmapBaseVpn,
    stackTopVpn,
    ...stackPages(layout, stackLimitBytes),
  };
}

/** IA-64's regions, VAX's P0 and P1: each kind of mapping has a part of its own. */
function partedUserSpace(
  layout: Layout,
  { text, mmap, mmapUpwards, stack }: UserParts,
  { stackLimitBytes = layout.kernel.userSpace.stackLimitBytes }: UserSpaceOptions,
): UserSpace {
  const page = (address: bigint): number => pageNumber(layout, address);
  const endOf = ({ start, end }: AddressRange): number => page(start) + pfnOf(end - start, layout.pageShift);
  const ends = layout.regions.filter(({ kind }) => kind === 'user').map(endOf);
  return {
    endVpn: ends.at(-1)!,
    partEnds: ends,
    lowestVpn: page(mmap.start),
    textVpn: page(text.start),
    pieVpn: page(mmap.start),
    heapVpn: page(mmap.start),
    mmapBaseVpn: endOf(mmap),
    unmappedBaseVpn: page(mmap.start),
    mmapEndVpn: endOf(mmap),
    legacyMmap: mmapUpwards,
    stackLowVpn: page(stack.start),
    stackTopVpn: endOf(stack),
    ...stackPages(layout, stackLimitBytes),
  };
}

function stackPages(
  { kernel, pageShift }: Layout,
  limit: bigint | 'unlimited',
): Pick<UserSpace, 'stackLimitPages' | 'stackGuardPages' | 'firstStackPages'> {
  const { stackGuardPages, stackExpandBytes } = kernel.userSpace;
  const stackLimitPages = limit === 'unlimited' ? Number.POSITIVE_INFINITY : pfnOf(limit, pageShift);
  const firstStackPages = Math.min(1 + Math.floor(stackExpandBytes / 2 ** pageShift), stackLimitPages);
  return { stackLimitPages, stackGuardPages, firstStackPages };
}

/** mmap_base(): room for the stack and its guard gap, within bounds; the layout says where with the usual limit. */
function mmapBase(
  { mmapBase: usual, stackTop, kernel }: Layout,
  limit: UserSpaceOptions['stackLimitBytes'],
  pageBytes: bigint,
): bigint {
  if (limit === undefined) return usual;
  const most = (stackTop / 6n) * 5n;
  const least = stackTop - usual;
  const wanted = limit === 'unlimited' ? most : limit + BigInt(kernel.userSpace.stackGuardPages) * pageBytes;
  const gap = wanted < least ? least : wanted > most ? most : wanted;
  const base = stackTop - gap;
  return ((base + pageBytes - 1n) / pageBytes) * pageBytes;
}
