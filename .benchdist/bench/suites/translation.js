/**
 * The TLBs and page tables alone: page numbers, without repeats, through translate.ts. The geometry is that of the C
 * limit (L1 16 x 4, L2 128 x 12, walk cache of 32, four levels), so its figures compare.
 */
import { assert } from '../../core/errors.js';
import { OutcomesDraft } from '../../core/outcome.js';
import { makePte, PTE_ACCESSED, PTE_PRESENT, PTE_USER } from '../../core/paging/pte.js';
import { REF_SHIFT, Run } from '../../core/paging/run.js';
import { mapPage, newTable } from '../../core/paging/tables.js';
import { keyBase, tlbParts } from '../../core/paging/tlb.js';
import { translateRun } from '../../core/paging/translate.js';
import { Draft } from '../../core/state/draft.js';
import { BATCH_EVENTS, bootedMachine } from '../events.js';
import { STREAMS } from './reference-streams.js';
export const translation = {
    name: 'translation',
    unit: 'references',
    doc: 'page numbers through the TLBs and page tables of linux-x86_64, a machine every 16,384 references',
    rows: STREAMS.map(row),
};
function row({ name, pages, resident }) {
    return {
        name,
        prepare() {
            const stream = pages();
            const start = translated(emptyAddressSpace(), resident());
            return { events: stream.length, run: () => translated(start, stream) };
        },
    };
}
export function emptyAddressSpace() {
    const draft = new Draft(bootedMachine('linux-x86_64'));
    const userRoot = newTable(draft);
    draft.setTlb(0, new Float64Array(tlbParts(draft.platform.mmu).length));
    return { machine: draft.seal(false).machine, userRoot, faults: 0 };
}
const ASID = 1;
const PTE_FLAGS = PTE_PRESENT | PTE_USER | PTE_ACCESSED;
/** Translates loads from these pages, in batches. */
export function translated({ machine: start, userRoot, faults: before }, pages) {
    const parts = tlbParts(start.platform.mmu);
    const run = new Run(BATCH_EVENTS);
    let machine = start;
    let faults = before;
    let draft;
    const space = {
        userRoot,
        kernelRoot: start.platform.kernelRoot,
        fault(vpn) {
            const failure = mapPage(draft, userRoot, vpn, makePte(++faults, PTE_FLAGS));
            assert(failure >= 0, `no memory for the page table of page ${vpn}`);
        },
    };
    for (let first = 0; first < pages.length; first += BATCH_EVENTS) {
        const batch = pages.subarray(first, first + BATCH_EVENTS);
        draft = new Draft(machine);
        fillRun(run, batch);
        translateRun(draft, draft.tlb(0), parts, space, run, new OutcomesDraft(batch.length));
        machine = draft.seal(false).machine;
    }
    return { machine, userRoot, faults };
}
/** Repeats of the page before are first-level hits that change nothing. */
function fillRun(run, pages) {
    const { keys, refs } = run;
    const base = keyBase(ASID, 0);
    let last = -1;
    let count = 0;
    for (let at = 0; at < pages.length; at++) {
        const page = pages[at];
        if (page === last)
            continue;
        last = page;
        keys[count] = base + page;
        refs[count++] = at << REF_SHIFT;
    }
    run.count = count;
}
//# sourceMappingURL=translation.js.map