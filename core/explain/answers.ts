/** What the kernel's own tests and conversions say of a virtual address, and whether they are right about it. */

import { pageAddressOf } from '../kmap/convert-mapped.ts';
import { isVmallocAddress, virtAddrValid, virtToPfn } from '../layout/convert.ts';
import type { Region } from '../layout/layout.ts';
import { toHex } from '../layout/regions.ts';
import type { Machine } from '../machine/machine.ts';
import type { FrameFacts } from './frame.ts';

export type AnswerName = 'virt_addr_valid' | 'is_vmalloc_addr' | 'virt_to_page' | 'page_address';

export interface Answer {
  readonly name: AnswerName;
  /** `yes`, `no`, a frame, an address, `NULL`. */
  readonly answer: string;
  /** Whether it means what the function's name promises. */
  readonly right: boolean;
  readonly reason: string;
}

/** `frame`: the page that is mapped at the address, if any. */
export function answersOf(
  machine: Machine,
  address: bigint,
  region: Region | undefined,
  frame: FrameFacts | undefined,
): Answer[] {
  const isLinear = region?.kind === 'direct' || region?.kind === 'kernel_image';
  const answers = [validity(machine, address, isLinear), vmallocTest(machine, address, region)];
  if (frame === undefined || frame.memory === 'device') return answers;
  return [...answers, structPage(machine, address, isLinear, frame), addressOfPage(machine, frame)];
}

function validity({ platform: { layout } }: Machine, address: bigint, isLinear: boolean): Answer {
  const valid = virtAddrValid(layout, address);
  const name = 'virt_addr_valid';
  const answer = valid ? 'yes' : 'no';
  if (valid === isLinear)
    return { name, answer, right: true, reason: valid ? '__pa means something' : '__pa means nothing' };
  const reason = valid
    ? 'there is a frame of the number that __pa gives, though not this page'
    : 'there is no struct page for the frame';
  return { name, answer, right: false, reason };
}

function vmallocTest({ platform: { layout } }: Machine, address: bigint, region: Region | undefined): Answer {
  const inside = isVmallocAddress(layout, address);
  const right = inside === (region?.kind === 'vmalloc');
  const place = `${inside ? 'it lies' : 'it does not lie'} between VMALLOC_START and VMALLOC_END`;
  const reason = right ? place : 'VMALLOC_END is the last byte here';
  return { name: 'is_vmalloc_addr', answer: inside ? 'yes' : 'no', right, reason };
}

function structPage(
  { platform: { layout } }: Machine,
  address: bigint,
  isLinear: boolean,
  frame: FrameFacts,
): Answer {
  const pfn = virtToPfn(layout, address);
  const right = pfn === BigInt(frame.pfn);
  const reason = isLinear
    ? 'mem_map[__pa >> PAGE_SHIFT]'
    : 'only for the direct map; vmalloc_to_page() and kmap_to_page() look at the tables';
  return { name: 'virt_to_page', answer: `frame 0x${pfn.toString(16)}`, right, reason };
}

function addressOfPage(machine: Machine, { pfn, memory }: FrameFacts): Answer {
  const found = pageAddressOf(machine, pfn);
  const name = 'page_address';
  if (found === undefined)
    return { name, answer: 'NULL', right: true, reason: 'high memory without a kmap() has no address' };
  const reason = memory === 'high' ? 'the slot of its kmap()' : 'of this frame in the direct map';
  return { name, answer: toHex(machine.platform.layout, found), right: true, reason };
}
