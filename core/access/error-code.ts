/**
 * The error code that the hardware tells with a page fault, in the format of the architecture: what the page tables say
 * of an access, before the kernel has done anything about it.
 */
import { CODE_FAULTS, decodeFault, encodeFault, type FaultCause } from '../arch/fault-code.ts';
import { CONTINUED, EXECUTE, KERNEL_MODE, OPERATION_MASK, READ } from '../event/access-mode.ts';
import type { Machine, Mm } from '../machine/machine.ts';
import { lacksKernelEntry } from '../paging/kernel-entries.ts';
import { forbidsFetch } from '../paging/kpti.ts';
import { PTE_NX, PTE_PRESENT, PTE_RW, PTE_USER } from '../paging/pte.ts';
import { findLeaf } from '../paging/table-walk.ts';
import { CPU } from '../state/cpus.ts';
import { OBJECT, USER } from '../state/objects.ts';
import { basePageOf } from '../vm/mapping.ts';

/** Columns of an access event. */
interface Access {
  readonly cpu: number;
  readonly object: number;
  readonly offset: number;
  readonly size: number;
  readonly mode: number;
}

/** The error code of the first page of an access that faults; undefined when none does, or there is no such object. */
export function pageFaultErrorCode(machine: Machine, access: Access): number | undefined {
  const { platform, objects, records, cpus, ptes } = machine;
  const base = basePageOf(machine, access.cpu, access.object);
  if (base < 0) return undefined;
  const cls = objects.get(access.object, OBJECT.class);
  const mm = records.mms[cpus.get(access.cpu, CPU.mm)];
  const root = cls === USER ? mm!.root : platform.kernelRoot;
  const first = objects.get(access.object, OBJECT.start) + access.offset;
  const pageOf = (byte: number): number => base + Math.floor(byte / 2 ** platform.mmu.pageShift);
  for (let vpn = pageOf(first); vpn <= pageOf(first + Math.max(access.size, 1) - 1); vpn++) {
    const isHidden = cls !== USER && isKernelPageHidden(machine, mm, vpn, access.mode);
    const pte = isHidden ? 0 : findLeaf({ platform, ptes }, root, vpn).pte;
    const isNx = cls === USER && forbidsFetch(platform, access.mode & ~CONTINUED);
    const cause = faultCauseOf(pte, cls === USER, access.mode, platform.mmu.nx, isNx);
    if (cause !== undefined) return encodeFault(platform.layout.arch.faultCodes, cause);
  }
  return undefined;
}

/** User mode has tables without the kernel's pages (isolation), or the process's tables lack the entry still. */
function isKernelPageHidden(machine: Machine, mm: Mm | undefined, vpn: number, mode: number): boolean {
  if (machine.platform.mmu.kpti && (mode & KERNEL_MODE) === 0) return true;
  return mm !== undefined && lacksKernelEntry(machine, mm, vpn);
}

/** `isNxAbove`: an upper entry forbids execution. Kernel pages are for the kernel only; the kernel may not write to what is read-only either (CR0.WP). */
function faultCauseOf(
  pte: number,
  isUserPage: boolean,
  mode: number,
  nx: boolean,
  isNxAbove: boolean,
): FaultCause | undefined {
  const operation = mode & OPERATION_MASK;
  const isFetch = operation === EXECUTE && nx;
  const isWrite = operation !== READ && operation !== EXECUTE;
  const byUser = (mode & KERNEL_MODE) === 0;
  const isPresent = (pte & PTE_PRESENT) !== 0;
  const mayUse = !byUser || (isUserPage && (pte & PTE_USER) !== 0);
  const allowed =
    mayUse && (!isWrite || (pte & PTE_RW) !== 0) && (!isFetch || ((pte & PTE_NX) === 0 && !isNxAbove));
  if (isPresent && allowed) return undefined;
  return { present: isPresent, write: isWrite, user: byUser, fetch: isFetch };
}

/**
 * As the kernel prints it (show_fault_oops of arch/x86/mm/fault.c): `error code 0x6: not-present page, write by user
 * mode`; where the processor names faults instead, its name: `translation fault, write by user mode`.
 */
export function errorCodeText(code: number, format = CODE_FAULTS): string {
  const { present, write, user, fetch } = decodeFault(format, code);
  const what = fetch ? 'fetch' : write ? 'write' : 'read';
  const access = `${what} by ${user ? 'user mode' : 'the kernel'}`;
  if (format.names !== undefined)
    return `${present ? format.names.forbidden : format.names.absent}, ${access}`;
  return `error code 0x${code.toString(16)}: ${present ? 'permissions violation' : 'not-present page'}, ${access}`;
}
