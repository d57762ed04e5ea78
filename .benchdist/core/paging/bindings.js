/**
 * Bindings: what an object of the workload means to the running cpu, worked out once per run of accesses and
 * kept in flat arrays, so that the loop over the accesses does arithmetic only.
 *
 * A page of the object becomes a TLB key by `base + ((bias + page) >> shift)`. An object that has no such simple
 * form (partly unmapped, in high memory, not there at all) gets a limit below zero and is looked at one access
 * at a time.
 */
import { EXECUTE, KERNEL_MODE, MODE_COUNT, OPERATION_MASK, READ } from '../event/access-mode.js';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../event/mmap-flags.js';
import { CPU } from '../state/cpus.js';
import { IOREMAP, isArea, NO_CLASS, OBJECT, USER } from '../state/objects.js';
import { objectBase } from '../vm/mapping.js';
import { vmaWithin } from '../vm/stack.js';
import { baseVpn } from '../vm/vma.js';
import { kernelSizeClass } from './tables.js';
import { keyBase } from './tlb.js';
/** Which references a binding counts as. */
export const USER_VIRTUAL = 0;
export const KERNEL_LOGICAL = 1;
export const KERNEL_VIRTUAL = 2;
const SLOTS = 4096;
/** A direct-mapped cache of bindings, by object number. Scratch: `begin` forgets everything. */
export class Bindings {
    object = new Float64Array(SLOTS).fill(-1);
    validIn = new Float64Array(SLOTS);
    era = 0;
    /** Key of the page at bias 0. */
    base = new Float64Array(SLOTS);
    /** Byte offset of the object in its first page. */
    start = new Int32Array(SLOTS);
    /** Bytes that can be reached; below zero: not bound. */
    limit = new Float64Array(SLOTS);
    bias = new Int32Array(SLOTS);
    shift = new Uint8Array(SLOTS);
    /** Bit m: access mode m is allowed. */
    allow = new Uint16Array(SLOTS);
    space = new Uint8Array(SLOTS);
    begin() {
        this.era++;
    }
    /** The slot of an object, bound if need be. */
    slotOf(draft, cpu, object) {
        const slot = object & (SLOTS - 1);
        if (this.object[slot] !== object || this.validIn[slot] !== this.era)
            this.bind(draft, cpu, object, slot);
        return slot;
    }
    bind(draft, cpu, object, slot) {
        this.object[slot] = object;
        this.validIn[slot] = this.era;
        this.limit[slot] = -1;
        const cls = draft.objects.get(object, OBJECT.class);
        if (cls === USER)
            this.bindUser(draft, cpu, object, slot);
        else if (cls !== NO_CLASS && draft.objects.get(object, OBJECT.vpn) >= 0)
            this.bindKernel(draft, object, slot, cls);
    }
    /** What the first VMA of an object covers can be bound, and what a stack may grow to, if that is its beginning. */
    bindUser(draft, cpu, object, slot) {
        const mmId = draft.cpus.get(cpu, CPU.mm);
        if (mmId === 0)
            return;
        const mm = draft.records.mm(mmId);
        const vpn = objectBase(draft, mm, object);
        const vma = vmaWithin(draft, mm.vmas, vpn);
        if (vma === undefined || vma.object !== object || baseVpn(vma) !== vpn)
            return;
        const reach = vma.objectPage + vma.nrPages;
        this.base[slot] = keyBase(draft.cpus.get(cpu, CPU.asid), 0) + vpn;
        this.bias[slot] = 0;
        this.shift[slot] = 0;
        this.start[slot] = 0;
        const nrPages = vma.file === 0 ? reach : Math.min(reach, draft.records.file(vma.file).nrPages);
        this.limit[slot] = nrPages * 2 ** draft.platform.mmu.pageShift;
        this.allow[slot] = userModes(vma.prot, draft.platform.mmu.nx);
        this.space[slot] = USER_VIRTUAL;
    }
    bindKernel(draft, object, slot, cls) {
        const { objects, platform } = draft;
        const vpn = objects.get(object, OBJECT.vpn);
        const sizeClass = kernelSizeClass(draft, vpn);
        if (sizeClass === undefined || (cls === IOREMAP && !this.isUniform(draft, object, sizeClass)))
            return;
        const { span } = platform.mmu.levels[platform.mmu.levels.length - 1 - sizeClass];
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
    isUniform(draft, object, sizeClass) {
        const lastVpn = draft.objects.get(object, OBJECT.vpn) + draft.objects.get(object, OBJECT.detail) - 1;
        return kernelSizeClass(draft, lastVpn) === sizeClass;
    }
}
/** Whether a mapping's protection lets an operation through. On x86 whatever may be written or run may be read. */
export function allows(prot, operation, nx) {
    if (operation === EXECUTE && nx)
        return (prot & PROT_EXEC) !== 0;
    if (operation === READ || operation === EXECUTE)
        return (prot & (PROT_READ | PROT_WRITE | PROT_EXEC)) !== 0;
    return (prot & PROT_WRITE) !== 0;
}
function modes(allowed) {
    let bits = 0;
    for (let mode = 0; mode < MODE_COUNT; mode++)
        if (allowed(mode))
            bits |= 1 << mode;
    return bits;
}
const KERNEL_MODES = modes((mode) => (mode & KERNEL_MODE) !== 0);
const KERNEL_DATA_MODES = modes((mode) => (mode & KERNEL_MODE) !== 0 && (mode & OPERATION_MASK) !== EXECUTE);
/** By protection and execute-disable, worked out once. */
const USER_MODES = [false, true].map((nx) => Array.from({ length: 8 }, (_, prot) => modes((mode) => allows(prot, mode & OPERATION_MASK, nx))));
function userModes(prot, nx) {
    return USER_MODES[nx ? 1 : 0][prot];
}
//# sourceMappingURL=bindings.js.map