/** Addresses, lengths and flags as strace writes them. */
import { CLONE_THREAD, CLONE_VFORK, CLONE_VM } from '../../core/event/clone-flags.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';

export const PAGE_BYTES = 4096;

/** Where an object lies. */
export interface Mapping {
  readonly address: number;
  readonly bytes: number;
}

const CLONE_NAMES: readonly (readonly [number, string])[] = [
  [CLONE_VM, 'CLONE_VM'],
  [CLONE_VFORK, 'CLONE_VFORK'],
  [CLONE_THREAD, 'CLONE_THREAD'],
];

export function cloneText(cloneFlags: number): string {
  const flags = CLONE_NAMES.filter(([bit]) => (cloneFlags & bit) !== 0).map(([, name]) => name);
  if ((cloneFlags & CLONE_THREAD) === 0) flags.push('SIGCHLD');
  return flags.join('|');
}

/** `0x10000000, 8192`: length 0 is to the end. */
export function range(
  { address, bytes }: Mapping,
  { offset, length }: { offset: number; length: number },
): string {
  const start = Math.floor(offset / PAGE_BYTES) * PAGE_BYTES;
  const end = length === 0 ? bytes : Math.min(bytes, wholePages(offset + length));
  return `${hex(address + start)}, ${Math.max(0, end - start)}`;
}

export function wholePages(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}

export function protText(prot: number): string {
  const names = [
    prot & PROT_READ ? 'PROT_READ' : '',
    prot & PROT_WRITE ? 'PROT_WRITE' : '',
    prot & PROT_EXEC ? 'PROT_EXEC' : '',
  ].filter((name) => name !== '');
  return names.length === 0 ? 'PROT_NONE' : names.join('|');
}

export function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
