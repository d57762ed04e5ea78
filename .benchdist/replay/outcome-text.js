import { ADDRESS_NAMES, ADDRESS_SHIFT, FAULT_MASK, FAULT_NAMES, FAULT_SHIFT, STATUSES, TLB_MASK, } from '../core/outcome.js';
import { OBJECT } from '../core/state/objects.js';
import { addressText, figuresBehind } from './reasons.js';
import { hexOf } from './units.js';
const TLB_NAMES = ['l1', 'l2', 'walk'];
const FAULT_STORIES = {
    none: 'no page fault, the page was present',
    'demand-zero': 'a page fault gave it a page of its own, cleared',
    'zero-page': 'a page fault mapped the shared zero page',
    'copy-on-write': 'a page fault copied the shared page',
    'file-minor': 'a page fault mapped a page of the page cache',
    'file-major': 'a page fault read the page from disk',
};
/** What became of one event: `before` is the machine, `folded` the fold of this event alone. */
export function describeOutcome(before, folded, event) {
    const outcome = outcomeOf(folded, event);
    if (outcome.status === 'ok')
        return { outcome, story: success(outcome, event.kind) };
    const figures = figuresBehind(before, event, outcome.status);
    const { reason } = STATUSES.find(({ name }) => name === outcome.status);
    return { outcome, story: figures === '' ? reason : `${reason}: ${figures}` };
}
function outcomeOf({ machine, outcomes }, event) {
    const flags = outcomes.flags[0];
    const vpn = outcomes.vpn[0];
    const pfn = outcomes.pfn[0];
    const zone = machine.platform.zones.find(({ startPfn, spannedPages }) => pfn >= startPfn && pfn < startPfn + spannedPages);
    return {
        status: STATUSES[outcomes.status[0]].name,
        addressType: ADDRESS_NAMES[flags >>> ADDRESS_SHIFT],
        ...(vpn !== 0 && { address: addressText(machine, vpn, startInPage(machine, event)) }),
        ...(pfn !== 0 && { pfn }),
        ...(pfn !== 0 && zone !== undefined && { zone: zone.name }),
        fault: FAULT_NAMES[(flags & FAULT_MASK) >>> FAULT_SHIFT],
        tlb: TLB_NAMES[flags & TLB_MASK],
        latencyNs: outcomes.latencyNs[0],
    };
}
/** Objects of the slab allocator begin anywhere in a page, and so do devices. */
const STARTS_ANYWHERE = ['kmalloc', 'kmem_cache_alloc', 'ioremap'];
function startInPage(machine, event) {
    return STARTS_ANYWHERE.includes(event.kind) && 'object' in event
        ? machine.objects.get(event.object, OBJECT.start)
        : 0;
}
const WINDOWS = {
    kmap: 'a slot of the kmap window',
    kmap_local: 'a fixmap slot of this cpu',
};
function success({ addressType, address, pfn, zone, fault }, kind) {
    if (kind === 'access')
        return `ok, ${FAULT_STORIES[fault]}`;
    switch (addressType) {
        case 'none':
            return kind === 'kmalloc' ? 'ok: ZERO_SIZE_PTR (0x10), no memory at all' : 'ok';
        case 'kernel-logical':
            return `ok at ${address}, a kernel logical address`;
        case 'kernel-virtual':
            return `ok at ${address}, ${WINDOWS[kind] ?? 'in the vmalloc window'}`;
        case 'physical':
            return `ok, page frame ${hexOf(pfn)} of ${zone}, which has no kernel address without a kmap`;
        case 'user-virtual':
            return `ok at ${address}`;
    }
}
//# sourceMappingURL=outcome-text.js.map