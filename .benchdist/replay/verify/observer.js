/**
 * Follows the trace of a real kernel's page allocator: each event is predicted from what is known so far, then the
 * model takes over what the kernel did.
 *
 * The traps of such traces are in here: a page freed in a batch is reported twice, and reaches its list at the second
 * report; some allocations are not reported at all (alloc_pages_bulk); the migrate type of an allocation is the one
 * asked for, that of a free the pageblock's; a block that is stolen may or may not be reported as given too.
 */
import { UsageError } from '../../core/errors.js';
import { zoneOfPfn } from '../../core/phys/page-alloc.js';
import { GFP_ZONE_MASK } from '../../core/phys/zones.js';
import { Accounting } from './accounting.js';
import { BuddyObserver } from './buddy-observer.js';
import { DrainObserver } from './drain-observer.js';
import { hex } from './here.js';
import { KnownBlocks } from './known-blocks.js';
import { LAST_PFN, machineBeside, mostCpus, zonesOf } from './model.js';
import { momentMarker } from './moment.js';
import { KnownPageblocks } from './pageblocks.js';
import { hasPcpLists, PcpModel } from './pcp-model.js';
import { PcpObserver } from './pcp-observer.js';
import { Scores } from './rules.js';
/** Of x86-64, when no pagetypeinfo says it. */
const USUAL_PAGEBLOCK_ORDER = 9;
/** What a cpu is in the middle of. */
class CpuState {
    /** Reported as freed, but not yet on a list. */
    frees = [];
    /** Whether the last event put a page of a batch on its list: the rest of the batch follows. */
    inBatch = false;
    refill;
    /** What the buddy allocator gave last, to somebody who has no use for lists. */
    direct;
    /** The block that was reported last as given. */
    lastGiven = -1;
}
export class Observer {
    scores;
    accounting;
    lists;
    /** Lines by kind of record: those that are no page event are passed over. */
    lines = {};
    /** Moments whose markers have been in the trace. */
    read = [];
    draft;
    moments;
    pageblocks;
    buddy;
    drains;
    pcp;
    cpus = [];
    constructor(moments, disagreements) {
        this.scores = new Scores(disagreements);
        this.moments = new Map(moments.map((moment) => [moment.label, moment]));
        const zoneinfo = moments.find((moment) => moment.zoneinfo)?.zoneinfo;
        const pagetypes = moments.find((moment) => moment.pagetypeinfo)?.pagetypeinfo;
        const zones = zonesOf(zoneinfo);
        const most = Math.max(0, ...(zoneinfo ?? []).flatMap(({ pagesets }) => pagesets.map((set) => set.highMax ?? set.high)));
        this.draft = machineBeside(zones, pagetypes?.pageblockOrder ?? USUAL_PAGEBLOCK_ORDER, most);
        this.pageblocks = new KnownPageblocks(this.draft);
        if (pagetypes !== undefined)
            this.pageblocks.learnZones(zones, pagetypes);
        this.accounting = new Accounting(zones, this.scores);
        this.buddy = new BuddyObserver(new KnownBlocks(this.draft), zones, this.scores);
        this.lists = new PcpModel(this.draft, this.pageblocks);
        this.drains = new DrainObserver(this.lists, this.scores);
        this.pcp = new PcpObserver(this.lists, this.drains, this.scores);
    }
    observe(record) {
        this.lines[record.kind] = (this.lines[record.kind] ?? 0) + 1;
        switch (record.kind) {
            case 'mm_page_alloc':
                this.alloc(record);
                break;
            case 'mm_page_free':
                this.free(record);
                break;
            case 'mm_page_free_batched':
                this.freeBatched(record);
                break;
            case 'mm_page_alloc_zone_locked':
                this.zoneLocked(record);
                break;
            case 'mm_page_alloc_extfrag':
                this.extfrag(record);
                break;
            case 'mm_page_pcpu_drain':
                this.drain(record);
                break;
            case 'tracing_mark_write':
                this.marker(record);
                break;
            case 'lost':
                this.lost(record);
                break;
            default:
                break;
        }
    }
    /** At the end of the trace. */
    finish() {
        for (let cpu = 0; cpu < this.cpus.length; cpu++)
            if (this.cpus[cpu] !== undefined)
                this.settle(cpu);
    }
    /** The state of the cpu of a page event, which must be of a machine that there is room for. */
    cpu({ cpu, pfn = 0, line }) {
        if (pfn >= LAST_PFN)
            throw new UsageError(`line ${line}: found ${hex(pfn)}, expected one below 4 TiB (${hex(LAST_PFN)})`);
        if (cpu >= mostCpus(this.draft))
            throw new UsageError(`line ${line}: found cpu ${cpu}, expected less than ${mostCpus(this.draft)} cpus`);
        this.draft.onCpu(cpu);
        this.cpus[cpu] ??= new CpuState();
        return this.cpus[cpu];
    }
    zoneOf(pfn) {
        return zoneOfPfn(this.draft.platform.zones, pfn);
    }
    alloc(record) {
        const { pfn, order, migratetype, cpu } = record;
        if (pfn === 0)
            return;
        const state = this.cpu(record);
        const here = hereOf(record, `order ${order}, type ${migratetype}`);
        const refilled = this.settle(cpu);
        this.scoreZone(record, here);
        if (hasPcpLists(order) && state.direct === undefined)
            this.pcp.alloc(pfn, order, migratetype, refilled, here);
        else
            this.direct(state, pfn, here);
        this.buddy.inUse(this.zoneOf(pfn), pfn, order);
        state.direct = undefined;
    }
    scoreZone({ pfn, order, gfp }, here) {
        const { zones, highestZones } = this.draft.platform;
        const asked = zones[highestZones[gfp & GFP_ZONE_MASK]];
        const spare = this.accounting.freeIn(asked) - asked.low - 2 ** order;
        if (Number.isNaN(spare))
            this.scores.unpredictable('zone', 'free pages of the zone not known');
        else if (spare <= 0)
            this.scores.unpredictable('zone', 'near the low mark of the zone');
        else
            this.scores.check('zone', this.zoneOf(pfn) === asked, here, () => ({
                expected: `a page of ${asked.name}`,
                because: `${this.accounting.freeIn(asked)} pages are free, and its low mark is ${asked.low}`,
                found: `${hex(pfn)}, of ${this.zoneOf(pfn).name}`,
                known: '',
            }));
    }
    direct(state, pfn, here) {
        this.lists.takeElsewhere(pfn);
        const { direct } = state;
        if (direct === undefined)
            this.scores.unpredictable('direct', 'nothing was reported as given');
        else
            this.scores.check('direct', direct === pfn, here, () => ({
                expected: hex(direct),
                because: 'the buddy allocator gave it to this cpu last',
                found: hex(pfn),
                known: '',
            }));
    }
    free(record) {
        const { pfn, order, cpu } = record;
        const state = this.cpu(record);
        if (state.inBatch)
            this.commit(cpu);
        this.endRuns(cpu);
        if (hasPcpLists(order))
            state.frees.push({ pfn, order, here: hereOf(record, `order ${order}`) });
        else {
            this.lists.takeElsewhere(pfn);
            this.cameBack(pfn, order, this.pageblocks.typeOf(pfn));
        }
    }
    /** The page reaches its list now, and so did all single pages that were freed before it. */
    freeBatched(record) {
        const { pfn, cpu } = record;
        const state = this.cpu(record);
        const at = state.frees.findIndex((free) => free.pfn === pfn);
        this.endRuns(cpu);
        this.commit(cpu, at + 1);
        state.inBatch = state.frees.length > 0;
    }
    zoneLocked(record) {
        const { pfn, order, migratetype, percpuRefill, cpu } = record;
        const state = this.cpu(record);
        this.commitUnlessBatch(cpu);
        this.drains.end(cpu);
        this.given(state, pfn, order);
        const here = hereOf(record, `order ${order}, type ${migratetype}`);
        this.buddy.given(this.zoneOf(pfn), pfn, order, migratetype, here);
        if (percpuRefill === 1)
            this.extendRefill(state, record);
        else
            state.direct = pfn;
        this.lists.learnType(pfn, migratetype);
    }
    extfrag(record) {
        const { pfn, order, migratetype, changeOwnership, fallbackMigratetype, cpu } = record;
        const state = this.cpu(record);
        this.commitUnlessBatch(cpu);
        this.drains.end(cpu);
        const reportedTwice = state.lastGiven === pfn;
        if (!reportedTwice)
            this.given(state, pfn, order);
        const here = hereOf(record, `order ${order}, type ${migratetype}`);
        this.buddy.stolen(this.zoneOf(pfn), record, reportedTwice, here);
        if (!reportedTwice && hasPcpLists(order))
            this.extendRefill(state, record);
        else if (!hasPcpLists(order))
            state.direct = pfn;
        if (changeOwnership === 1)
            this.changeOwner(record);
        else
            this.lists.learnType(pfn, fallbackMigratetype);
    }
    /** All pageblocks of the block become the thief's. */
    changeOwner({ pfn, fallbackOrder, pageblockOrder, migratetype, }) {
        const start = pfn & -(2 ** Math.max(fallbackOrder, pageblockOrder));
        for (let block = 0; block < 2 ** fallbackOrder; block += 2 ** pageblockOrder)
            this.lists.learnType(start + block, migratetype);
    }
    /** The buddy allocator gave a block away. */
    given(state, pfn, order) {
        state.lastGiven = pfn;
        this.lists.takeElsewhere(pfn);
        this.accounting.add(this.zoneOf(pfn), -(2 ** order));
    }
    extendRefill(state, record) {
        const { pfn, order, migratetype, cpu } = record;
        const zone = this.zoneOf(pfn);
        const { refill } = state;
        if (refill?.zone === zone && refill.order === order && refill.migratetype === migratetype) {
            refill.pages.push(pfn);
            return;
        }
        this.endRefill(cpu);
        const here = hereOf(record, `order ${order}, type ${migratetype}`);
        state.refill = { zone, order, migratetype, here, pages: [pfn] };
    }
    drain(record) {
        const { pfn, order, migratetype, cpu } = record;
        this.cpu(record);
        this.commitUnlessBatch(cpu);
        this.endRefill(cpu);
        this.drains.drain(pfn, order, migratetype, hereOf(record, `order ${order}, type ${migratetype}`));
        this.cameBack(pfn, order, migratetype);
    }
    /** The buddy allocator got a block. */
    cameBack(pfn, order, migratetype) {
        const zone = this.zoneOf(pfn);
        this.accounting.add(zone, 2 ** order);
        this.buddy.freed(zone, pfn, order, migratetype);
    }
    /** What a cpu was in the middle of is done: its lists are as they should be. Whether that was a refill. */
    settle(cpu) {
        this.commitUnlessBatch(cpu);
        this.drains.end(cpu);
        return this.endRefill(cpu);
    }
    endRuns(cpu) {
        this.drains.end(cpu);
        this.endRefill(cpu);
    }
    /** True when a refill ended. */
    endRefill(cpu) {
        const state = this.cpus[cpu];
        const { refill } = state;
        state.refill = undefined;
        if (refill === undefined)
            return false;
        const forList = this.pcp.refill(refill);
        if (!forList)
            state.direct = refill.pages[0];
        return forList;
    }
    /** An event between the pages of a batch is an interrupt's. */
    commitUnlessBatch(cpu) {
        if (!this.cpus[cpu].inBatch)
            this.commit(cpu);
    }
    /** Pages that were reported as freed reach their lists. */
    commit(cpu, pages = Number.POSITIVE_INFINITY) {
        const state = this.cpus[cpu];
        for (const { pfn, order, here } of state.frees.splice(0, pages)) {
            if (!this.lists.lists.isListed(pfn))
                this.buddy.inUse(this.zoneOf(pfn), pfn, order);
            this.pcp.free(pfn, order, here);
        }
        state.inBatch = false;
    }
    marker(record) {
        const marker = momentMarker(record.text);
        const moment = marker && this.moments.get(marker.label);
        if (moment === undefined)
            return;
        this.finish();
        if (marker.edge === 'begin')
            this.beginReading();
        else
            this.endReading(moment, hereOf(record, `end of the snapshot '${moment.label}'`));
    }
    beginReading() {
        this.accounting.beginReading();
        this.buddy.beginReading();
        this.lists.beginReading();
    }
    endReading(moment, here) {
        this.read.push(moment.label);
        this.accounting.endReading(moment, here);
        this.buddy.endReading(moment, here);
        this.lists.endReading(moment, here, this.scores);
    }
    lost(record) {
        const { cpu } = record;
        this.cpu(record);
        this.cpus[cpu] = new CpuState();
        this.lists.forgetCpu(cpu);
        this.drains.forgetCpu(cpu);
        this.accounting.forget();
        this.buddy.forget();
    }
}
function hereOf({ line, cpu, timeNs, kind }, what) {
    return { line, cpu, timeNs, event: `${kind}, ${what}` };
}
//# sourceMappingURL=observer.js.map