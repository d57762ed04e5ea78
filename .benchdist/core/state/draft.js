/**
 * A draft: the machine while one fold changes it. Every part is opened for writing when the fold begins and
 * sealed when it ends; the machine that the fold was given stays as it was.
 */
import { enablePatches, produce, produceWithPatches } from 'immer';
import { assert } from '../errors.js';
import { PCP_CELLS_PER_CPU } from '../phys/pcp-lists.js';
import { VAR, } from './machine.js';
enablePatches();
export class Draft {
    platform;
    frames;
    freeLists;
    pageblocks;
    pcps;
    pcpPages;
    objects;
    tables;
    ptes;
    slabs;
    slabLinks;
    slabCaches;
    slabCpus;
    cacheNumbers;
    pageCache;
    pageCacheSlots;
    vmallocHoles;
    vmallocLazy;
    kmapSlots;
    kmapLocal;
    cpus;
    vars;
    counters;
    records;
    tlbs;
    ownTlb = [];
    /** The cpu whose event is being folded: whose per-cpu lists serve it. */
    cpu = 0;
    /** Time that the event being folded takes beyond its own cost; see `spend`. */
    extraNs = 0;
    constructor(base) {
        this.platform = base.platform;
        this.frames = base.frames.edit();
        this.freeLists = base.freeLists.slice();
        this.pageblocks = base.pageblocks.edit();
        this.pcps = base.pcps.slice();
        this.pcpPages = base.pcpPages.edit();
        this.objects = base.objects.edit();
        this.tables = base.tables.edit();
        this.ptes = base.ptes.edit();
        this.slabs = base.slabs.edit();
        this.slabLinks = base.slabLinks.edit();
        this.slabCaches = base.slabCaches.edit();
        this.slabCpus = base.slabCpus.edit();
        this.cacheNumbers = base.cacheNumbers.edit();
        this.pageCache = base.pageCache.edit();
        this.pageCacheSlots = base.pageCacheSlots.edit();
        this.vmallocHoles = base.vmallocHoles.edit();
        this.vmallocLazy = base.vmallocLazy.edit();
        this.kmapSlots = base.kmapSlots.edit();
        this.kmapLocal = base.kmapLocal.edit();
        this.cpus = base.cpus.edit();
        this.vars = base.vars.slice();
        this.counters = base.counters.slice();
        this.tlbs = base.tlbs.slice();
        this.records = new RecordsDraft(base.records);
    }
    /** Says on which cpu the next events happen. */
    onCpu(cpu) {
        this.cpu = cpu;
        if (cpu >= this.vars[VAR.busyCpus])
            this.beginCpu(cpu);
    }
    beginCpu(cpu) {
        this.vars[VAR.busyCpus] = cpu + 1;
        const pcps = new Int32Array((cpu + 1) * PCP_CELLS_PER_CPU);
        pcps.set(this.pcps);
        this.pcps = pcps;
    }
    /** Charges time to the event being folded. */
    spend(ns) {
        this.extraNs += ns;
    }
    /** The TLB entries of a cpu, ours to write; undefined when that cpu never translated anything. */
    tlb(cpu) {
        const tlb = this.tlbs[cpu];
        if (tlb === undefined || this.ownTlb[cpu] === true)
            return tlb;
        const copy = tlb.slice();
        this.setTlb(cpu, copy);
        return copy;
    }
    setTlb(cpu, entries) {
        this.tlbs[cpu] = entries;
        this.ownTlb[cpu] = true;
    }
    /** Number of cpus that may hold TLB entries. */
    get tlbCount() {
        return this.tlbs.length;
    }
    seal(withPatches) {
        const { records, patches } = this.records.seal(withPatches);
        const machine = {
            platform: this.platform,
            records,
            frames: this.frames.seal(),
            freeLists: this.freeLists,
            pageblocks: this.pageblocks.seal(),
            pcps: this.pcps,
            pcpPages: this.pcpPages.seal(),
            objects: this.objects.seal(),
            tables: this.tables.seal(),
            ptes: this.ptes.seal(),
            slabs: this.slabs.seal(),
            slabLinks: this.slabLinks.seal(),
            slabCaches: this.slabCaches.seal(),
            slabCpus: this.slabCpus.seal(),
            cacheNumbers: this.cacheNumbers.seal(),
            pageCache: this.pageCache.seal(),
            pageCacheSlots: this.pageCacheSlots.seal(),
            vmallocHoles: this.vmallocHoles.seal(),
            vmallocLazy: this.vmallocLazy.seal(),
            kmapSlots: this.kmapSlots.seal(),
            kmapLocal: this.kmapLocal.seal(),
            cpus: this.cpus.seal(),
            tlbs: this.tlbs,
            vars: this.vars,
            counters: this.counters,
        };
        return { machine, patches };
    }
}
/**
 * The records open for change. Working copies are plain objects, made when first asked for; at the end one
 * `produce` writes those that changed into the immutable records (a proxy for each access would cost more than
 * the whole event), and immer shares, freezes and tells the patches.
 */
export class RecordsDraft {
    base;
    processes = new Map();
    mms = new Map();
    files = new Map();
    constructor(base) {
        this.base = base;
    }
    process(pid) {
        return this.processes.has(pid) ? this.processes.get(pid) : this.base.processes[pid];
    }
    setProcess(pid, process) {
        this.processes.set(pid, process);
    }
    /** The address space as it is now, for reading. */
    mm(id) {
        const mm = this.mms.has(id) ? this.mms.get(id) : this.base.mms[id];
        assert(mm !== undefined, `no address space ${id}`);
        return mm;
    }
    /** The address space, ours to write. */
    editMm(id) {
        const working = this.mms.get(id);
        if (working !== undefined)
            return working;
        const mm = this.mm(id);
        const copy = { ...mm, vmas: mm.vmas.slice() };
        this.mms.set(id, copy);
        return copy;
    }
    setMm(id, mm) {
        this.mms.set(id, mm && { ...mm, vmas: mm.vmas.slice() });
    }
    file(id) {
        return this.files.has(id) ? this.files.get(id) : this.base.files[id];
    }
    setFile(id, file) {
        this.files.set(id, file && { ...file });
    }
    seal(withPatches) {
        if (this.processes.size + this.mms.size + this.files.size === 0)
            return { records: this.base, patches: [] };
        const recipe = (draft) => {
            writeBack(draft.processes, this.processes);
            writeBack(draft.mms, this.mms);
            writeBack(draft.files, this.files);
        };
        if (!withPatches)
            return { records: produce(this.base, recipe), patches: [] };
        const [records, patches] = produceWithPatches(this.base, recipe);
        return { records, patches };
    }
}
function writeBack(target, changed) {
    for (const [id, value] of changed) {
        if (value === undefined)
            delete target[id];
        else
            target[id] = value;
    }
}
//# sourceMappingURL=draft.js.map