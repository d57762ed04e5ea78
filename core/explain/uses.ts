/** What may be done with the memory behind an address: the questions that a driver's author asks. */

import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../event/mmap-flags.ts';
import type { Region } from '../layout/layout.ts';
import type { Vma } from '../mm/vma.ts';
import type { AddressName } from '../outcome/outcome.ts';
import type { FrameFacts } from './frame.ts';

export type AddressType = AddressName;

export type UseName = 'contiguous' | 'dma' | 'swappable' | 'user mode' | 'kernel mode';

export interface Use {
  readonly name: UseName;
  readonly possible: boolean;
  readonly reason: string;
}

/** What the answers depend on. */
interface UseQuestion {
  readonly type: AddressType;
  readonly region: Region | undefined;
  readonly frame: FrameFacts;
  readonly vma: Vma | undefined;
  readonly pageShift: number;
}

/** The answers, one to each question, always in the same order. */
export function usesOf(question: UseQuestion): Use[] {
  return [contiguous(question), dma(question), swappable(question), userMode(question), kernelMode(question)];
}

function use(name: UseName, possible: boolean, reason: string): Use {
  return { name, possible, reason };
}

function contiguous({ type, region, frame }: UseQuestion): Use {
  if (type === 'user-virtual' && frame.use === 'anonymous' && frame.order > 0)
    return use('contiguous', false, 'within its huge page only');
  if (type === 'user-virtual') return use('contiguous', false, 'the next page may be in any frame');
  if (region?.kind === 'vmalloc') return use('contiguous', false, 'vmalloc takes its frames one by one');
  if (region?.kind === 'pkmap') return use('contiguous', false, 'each slot maps a page of its own');
  return use('contiguous', true, 'the next page is the next frame');
}

/** Bytes that a device with 24 and with 32 address bits reaches. */
const ISA_REACH_BYTES = 2 ** 24;
const REACH_BYTES_32 = 2 ** 32;

function dma({ type, region, frame, pageShift }: UseQuestion): Use {
  if (frame.memory === 'device') return use('dma', false, 'not RAM');
  if (type === 'user-virtual')
    return use('dma', false, 'page by page only, each pinned by pin_user_pages() first');
  if (region?.kind === 'vmalloc' || region?.kind === 'pkmap')
    return use('dma', false, 'not by this address: map the frames behind it, page by page (dma_map_sg)');
  const address = frame.pfn * 2 ** pageShift;
  if (address < ISA_REACH_BYTES) return use('dma', true, 'below 16 MiB: even an ISA device reaches it');
  if (address < REACH_BYTES_32)
    return use('dma', true, 'a device with 32 address bits reaches it; an ISA device does not');
  return use('dma', true, 'for devices with 64 address bits; others need a bounce buffer (swiotlb)');
}

function swappable({ frame }: UseQuestion): Use {
  if (frame.use === 'anonymous') return use('swappable', true, 'anonymous memory of a process');
  if (frame.use === 'page cache')
    return use('swappable', true, 'reclaimed: written back if dirty, then dropped');
  if (frame.use === 'free') return use('swappable', false, 'it is free: there is nothing to swap');
  if (frame.memory === 'device') return use('swappable', false, 'not RAM');
  return use('swappable', false, 'the kernel never swaps its own memory');
}

function userMode({ type, vma }: UseQuestion): Use {
  if (type === 'user-virtual' && vma !== undefined)
    return use('user mode', true, `as its mapping allows: ${protection(vma.prot)}`);
  if (type === 'physical' || type === 'bus')
    return use('user mode', false, 'a program uses virtual addresses only');
  return use(
    'user mode',
    false,
    'its entry lacks the user bit: page fault, SIGSEGV; the kernel may use it in a system call',
  );
}

function kernelMode({ type, frame }: UseQuestion): Use {
  if (type === 'user-virtual')
    return use('kernel mode', true, 'with copy_from_user() and copy_to_user(), in this process only');
  if (type !== 'physical' && type !== 'bus') return use('kernel mode', true, 'at any time, in any process');
  if (frame.memory === 'low') return use('kernel mode', true, 'at its kernel logical address');
  return use('kernel mode', false, frame.memory === 'high' ? 'not before kmap()' : 'not before ioremap()');
}

function protection(prot: number): string {
  return `${prot & PROT_READ ? 'r' : '-'}${prot & PROT_WRITE ? 'w' : '-'}${prot & PROT_EXEC ? 'x' : '-'}`;
}
