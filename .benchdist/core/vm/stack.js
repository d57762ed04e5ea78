import { STACK_GUARD_PAGES } from './user-space.js';
import { clipVma, endVpn, VM_GROWSDOWN } from './vma.js';
import { firstEndingAbove, insertVma } from './vma-list.js';
/** setup_arg_pages() of fs/exec.c, v6.1: what execve maps beside the page with the arguments. */
const STACK_EXPAND_BYTES = 131_072;
/** Pages that a new stack has: one with the arguments, and 128 KiB below it. */
export function firstStackPages(draft) {
    const { userSpace, mmu } = draft.platform;
    return Math.min(1 + STACK_EXPAND_BYTES / 2 ** mmu.pageShift, userSpace.stackLimitPages);
}
/** The VMA that contains a page, also if a stack has to grow for that; undefined when there is none. */
export function vmaTouched(draft, mmId, vpn) {
    const vma = vmaWithin(draft, draft.records.mm(mmId).vmas, vpn);
    if (vma === undefined || vma.startVpn <= vpn)
        return vma;
    const mm = draft.records.editMm(mmId);
    insertVma(mm.vmas, clipVma(vma, vpn, vma.startVpn));
    return mm.vmas[firstEndingAbove(mm.vmas, vpn)];
}
/** The VMA that contains a page, or the stack above it that may grow to do so. */
export function vmaWithin(draft, vmas, vpn) {
    const at = firstEndingAbove(vmas, vpn);
    const vma = vmas[at];
    if (vma === undefined || vma.startVpn <= vpn)
        return vma;
    return mayGrowTo(draft, vma, vmas[at - 1], vpn) ? vma : undefined;
}
function mayGrowTo(draft, vma, below, vpn) {
    if ((vma.flags & VM_GROWSDOWN) === 0)
        return false;
    const { stackLimitPages, lowestVpn } = draft.platform.userSpace;
    if (vpn < lowestVpn || endVpn(vma) - vpn > stackLimitPages)
        return false;
    const isGuarded = below !== undefined && (below.flags & VM_GROWSDOWN) === 0 && below.prot !== 0;
    return !isGuarded || vpn - endVpn(below) >= STACK_GUARD_PAGES;
}
//# sourceMappingURL=stack.js.map