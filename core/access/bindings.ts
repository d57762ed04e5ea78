/**
 * Bindings: what an object of the workload means to the running cpu, worked out once per run of accesses and
 * kept in flat arrays, so that the loop over the accesses does arithmetic only.
 *
 * A page of the object becomes a TLB key by `base + ((bias + page) >> shift)`. An object that has no such simple
 * form (partly unmapped, in high memory, not there at all) gets a limit below zero and is looked at one access
 * at a time.
 */
import { EXECUTE, KERNEL_MODE, MODE_COUNT, OPERATION_MASK, READ } from '../event/access-mode.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../event/mmap-flags.ts';
import type { Draft } from '../machine/draft.ts';
import { baseVpn } from '../mm/vma.ts';
import { kernelSizeClass } from '../paging/table-walk.ts';
import { CPU } from '../state/cpus.ts';
import { IOREMAP, isArea, NO_CLASS, OBJECT, USER } from '../state/objects.ts';
import { keyBase } from '../tlb/keys.ts';
import { objectBase } from '../vm/mapping.ts';
import { vmaWithin } from '../vm/stack.ts';

/** Which references a binding counts as. */
export const USER_VIRTUAL = 0;
export const KERNEL_LOGICAL = 1;
export const KERNEL_VIRTUAL = 2;

/** A power of two: object numbers are taken modulo it. */
const SLOTS = 4096;

/** A direct-mapped cache of bindings, by object number. Scratch: `begin` forgets everything. */
export class Bindings {
  private readonly object = new Float64Array(SLOTS).fill(-1);
  private readonly validIn = new Float64Array(SLOTS);
  private era = 0;
  /** Key of the page at bias 0. */
  readonly base = new Float64Array(SLOTS);
  /** Byte offset of the object in its first page. */
  readonly start = new Int32Array(SLOTS);
  /** Bytes that can be reached; below zero: not bound. */
  readonly limit = new Float64Array(SLOTS);
  readonly bias = new Int32Array(SLOTS);
  readonly shift = new Uint8Array(SLOTS);
  /** Bit m: access mode m is allowed. */
  readonly allow = new Uint16Array(SLOTS);
  readonly space = new Uint8Array(SLOTS);

  begin(): void {
    this.era++;
  }

  /** The slot of an object, bound if need be. */
  slotOf(draft: Draft, cpu: number, object: number): number {
    const slot = object & (SLOTS - 1);
    if (this.object[slot] !== object || this.validIn[slot] !== this.era) this.bind(draft, cpu, object, slot);
    return slot;
  }

  private bind(draft: Draft, cpu: number, object: number, slot: number): void {
    this.object[slot] = object;
    this.validIn[slot] = this.era;
    this.limit[slot] = -1;
    const cls = draft.objects.get(object, OBJECT.class);
    if (cls === USER) this.bindUser(draft, cpu, object, slot);
    else if (cls !== NO_CLASS && draft.objects.get(object, OBJECT.vpn) >= 0)
      this.bindKernel(draft, object, slot, cls);
  }

  /** What the first VMA of an object covers can be bound, and what a stack may grow to, if that is its beginning. */
  private bindUser(draft: Draft, cpu: number, object: number, slot: number): void {
    const mmId = draft.cpus.get(cpu, CPU.mm);
    if (mmId === 0) return;
    const mm = draft.records.mm(mmId);
    const vpn = objectBase(draft, mm, object);
    const vma = vmaWithin(draft, mm.vmas, vpn);
    if (vma === undefined || vma.object !== object || baseVpn(vma) !== vpn) return;
    const reach = vma.objectPage + vma.nrPages;
    this.base[slot] = keyBase(draft.cpus.get(cpu, CPU.asid), 0) + vpn;
    this.bias[slot] = 0;
    this.shift[slot] = 0;
    this.start[slot] = 0;
    const nrPages = vma.file === 0 ? reach : Math.min(reach, draft.records.file(vma.file)!.nrPages);
    this.limit[slot] = nrPages * draft.platform.mmu.pageBytes;
    this.allow[slot] = userModes(vma.prot, draft.platform.mmu.nx);
    this.space[slot] = USER_VIRTUAL;
  }

  private bindKernel(draft: Draft, object: number, slot: number, cls: number): void {
    const { objects, platform } = draft;
    const vpn = objects.get(object, OBJECT.vpn);
    const sizeClass = kernelSizeClass(draft, vpn);
    if (sizeClass === undefined || (cls === IOREMAP && !this.isUniform(draft, object, sizeClass))) return;
    const span = platform.mmu.pageSpans[sizeClass]!;
    const largePage = Math.floor(vpn / span);
    this.base[slot] = keyBase(0, sizeClass) + largePage;
    this.bias[slot] = vpn - largePage * span;
    this.shift[slot] = Math.log2(span);
    this.start[slot] = objects.get(object, OBJECT.start);
    this.limit[slot] = objects.get(object, OBJECT.sizeBytes);
    this.allow[slot] = platform.mmu.nx ? KERNEL_DATA_MODES : KERNEL_MODES;
    this.space[slot] = isArea(cls) ? KERNEL_VIRTUAL : KERNEL_LOGICAL;
  }

  /** Whether large pages map all of an area if they map its first page: there are none behind smaller ones. */
  private isUniform(draft: Draft, object: number, sizeClass: number): boolean {
    const lastVpn = draft.objects.get(object, OBJECT.vpn) + draft.objects.get(object, OBJECT.detail) - 1;
    return kernelSizeClass(draft, lastVpn) === sizeClass;
  }
}

/** Whether a mapping's protection lets an operation through. On x86 whatever may be written or run may be read. */
export function allows(prot: number, operation: number, nx: boolean): boolean {
  if (operation === EXECUTE && nx) return (prot & PROT_EXEC) !== 0;
  if (operation === READ || operation === EXECUTE) return (prot & (PROT_READ | PROT_WRITE | PROT_EXEC)) !== 0;
  return (prot & PROT_WRITE) !== 0;
}

function modes(allowed: (mode: number) => boolean): number {
  let bits = 0;
  for (let mode = 0; mode < MODE_COUNT; mode++) if (allowed(mode)) bits |= 1 << mode;
  return bits;
}

const KERNEL_MODES = modes((mode) => (mode & KERNEL_MODE) !== 0);
const KERNEL_DATA_MODES = modes((mode) => (mode & KERNEL_MODE) !== 0 && (mode & OPERATION_MASK) !== EXECUTE);

/** By protection and execute-disable, worked out once. */
const USER_MODES = [false, true].map((nx) =>
  Array.from({ length: 8 }, (_, prot) => modes((mode) => allows(prot, mode & OPERATION_MASK, nx))),
);

function userModes(prot: number, nx: boolean): number {
  return USER_MODES[nx ? 1 : 0]![prot]!;
}
