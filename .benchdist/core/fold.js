import { COUNTER } from './counters.js';
import { EVENT_KINDS } from './event/kinds.js';
import { ioremap, iounmap } from './kmap/ioremap.js';
import { kmap, kunmap } from './kmap/kmap.js';
import { kmapLocal, kunmapLocal } from './kmap/kmap-local.js';
import { vfree, vmalloc } from './kmap/vmalloc.js';
import { freeVmArea, vmArea, vmap, vunmap } from './kmap/vmap.js';
import { ADDRESS_SHIFT, OK, OutcomesDraft } from './outcome.js';
import { Mmu } from './paging/access.js';
import { pageAlloc, pageFree } from './phys/page-events.js';
import { kmemCacheAlloc, kmemCacheCreate, kmemCacheDestroy, kmemCacheFree } from './slab/cache-events.js';
import { kfree, kmalloc } from './slab/kmalloc-events.js';
import { CPU } from './state/cpus.js';
import { Draft } from './state/draft.js';
import { file, fileDrop, fileRead } from './vm/file-events.js';
import { brk, mmap, munmap } from './vm/map-events.js';
import { mremap, mremapFixed } from './vm/move-events.js';
import { clone, exec, exit, fork, spawn, switchTo } from './vm/process-events.js';
import { madvise, mlock, mprotect, munlock } from './vm/range-events.js';
/** What each kind does. Accesses go through the MMU in runs instead (paging/access.ts). */
const HANDLER_OF = {
    spawn,
    fork,
    clone,
    exec,
    exit,
    switch: switchTo,
    mmap,
    munmap,
    brk,
    mprotect,
    mremap,
    madvise,
    mlock,
    munlock,
    mremap_fixed: mremapFixed,
    file,
    file_read: fileRead,
    file_drop: fileDrop,
    page_alloc: pageAlloc,
    page_free: pageFree,
    kmalloc,
    kfree,
    kmem_cache_create: kmemCacheCreate,
    kmem_cache_alloc: kmemCacheAlloc,
    kmem_cache_free: kmemCacheFree,
    kmem_cache_destroy: kmemCacheDestroy,
    vmalloc,
    vfree,
    kmap,
    kunmap,
    ioremap,
    iounmap,
    vmap,
    vunmap,
    kmap_local: kmapLocal,
    kunmap_local: kunmapLocal,
    vm_area: vmArea,
    free_vm_area: freeVmArea,
};
const HANDLERS = (() => {
    const handlers = [];
    for (const [name, handler] of Object.entries(HANDLER_OF))
        handlers[EVENT_KINDS[name].code] = handler;
    return handlers;
})();
const ACCESS = EVENT_KINDS.access.code;
export function fold(machine, batch, options = {}) {
    const outcomes = new OutcomesDraft(batch.count);
    const draft = new Draft(machine);
    const mmu = new Mmu(draft, outcomes);
    const { kind } = batch;
    for (let at = 0; at < batch.count;) {
        if (kind[at] === ACCESS)
            at = mmu.accessRun(batch, at);
        else
            foldOne(draft, batch, at++, outcomes);
    }
    draft.counters[COUNTER.events] += batch.count;
    const { machine: next, patches } = draft.seal(options.patches ?? false);
    return { machine: next, outcomes, patches };
}
const event = { cpu: 0, object: 0, a: 0, b: 0, c: 0, index: 0 };
const result = { vpn: 0, pfn: 0, address: 0 };
function foldOne(draft, batch, at, out) {
    const handler = HANDLERS[batch.kind[at]];
    event.cpu = batch.cpu[at];
    draft.onCpu(event.cpu);
    event.object = batch.object[at];
    event.a = batch.a[at];
    event.b = batch.b[at];
    event.c = batch.c[at];
    event.index = at;
    result.vpn = 0;
    result.pfn = 0;
    result.address = 0;
    draft.extraNs = 0;
    // A kind of a later version: time passes, nothing else.
    const status = handler === undefined ? OK : handler(draft, event, result);
    out.status[at] = status;
    out.latencyNs[at] = draft.extraNs;
    if (status === OK) {
        out.flags[at] = result.address << ADDRESS_SHIFT;
        out.place(at, result.vpn, result.pfn);
    }
    else
        draft.counters[COUNTER.failures]++;
    draft.cpus.add(event.cpu, CPU.clockNs, batch.thinkNs[at] + draft.extraNs);
}
//# sourceMappingURL=fold.js.map