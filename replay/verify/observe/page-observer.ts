/**
 * The events of a real kernel's page allocator, one after the other: each is predicted from what is known so far, then
 * the model takes over what the kernel did.
 *
 * The traps of such traces are in here: a page freed in a batch is reported twice, and reaches its list at the second
 * report; some allocations are not reported at all (alloc_pages_bulk); the migrate type of an allocation is the one
 * asked for, that of a free the pageblock's; a block that is stolen may or may not be reported as given too.
 */
import { UsageError } from '../../../core/base/errors.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import type { Draft } from '../../../core/machine/draft.ts';
import { migrateTypeOf } from '../../../core/phys/migrate.ts';
import { zoneOfPfn } from '../../../core/phys/page-alloc.ts';
import { listIndex } from '../../../core/phys/pcp-lists.ts';
import { GFP_ZONE_MASK, type Zone } from '../../../core/phys/zones.ts';
import type { KernelRecord, Pagetypeinfo } from '../../../traces/index.ts';
import { Accounting, type Phase } from '../model/accounting.ts';
import { KnownBlocks } from '../model/known-blocks.ts';
import { LAST_PFN, mostCpus } from '../model/machine-beside.ts';
import type { Moment } from '../model/moment.ts';
import { KnownPageblocks } from '../model/pageblocks.ts';
import { PcpModel } from '../model/pcp-model.ts';
import { type Here, hereOf, hex } from '../score/here.ts';
import type { Scores } from '../score/rules.ts';
import { BuddyObserver } from './buddy-observer.ts';
import { CpuState } from './cpu-state.ts';
import { DrainObserver } from './drain-observer.ts';
import { PcpObserver } from './pcp-observer.ts';

export type Of<K extends KernelRecord['kind']> = Extract<KernelRecord, { kind: K }>;

const PAGE_BYTES = 4096;

interface Where {
  readonly line: number;
  readonly cpu: number;
  readonly pfn?: number;
}

export class PageObserver {
  readonly model: PcpModel;
  private readonly draft: Draft;
  private readonly scores: Scores;
  private readonly accounting: Accounting;
  private readonly pageblocks: KnownPageblocks;
  private readonly buddy: BuddyObserver;
  private readonly drains: DrainObserver;
  private readonly pcp: PcpObserver;
  private readonly cpus: CpuState[] = [];

  constructor(draft: Draft, pagetypes: Pagetypeinfo | undefined, scores: Scores) {
    const { zones } = draft.platform;
    this.draft = draft;
    this.scores = scores;
    this.pageblocks = new KnownPageblocks(draft);
    if (pagetypes !== undefined) this.pageblocks.learnZones(zones, pagetypes);
    this.accounting = new Accounting(zones, scores);
    this.buddy = new BuddyObserver(new KnownBlocks(draft), zones, scores);
    this.model = new PcpModel(draft, this.pageblocks);
    this.drains = new DrainObserver(this.model, scores);
    this.pcp = new PcpObserver(this.model, this.drains, scores, (pfn, order) =>
      this.cameBack(pfn, order, this.pageblocks.typeOf(pfn)),
    );
  }

  /** Every cpu is done with what it was in the middle of. */
  settleAll(): void {
    for (let cpu = 0; cpu < this.cpus.length; cpu++) if (this.cpus[cpu] !== undefined) this.settle(cpu);
  }

  /** The state of the cpu of a page event, which must be of a machine that there is room for. */
  private cpu({ cpu, pfn = 0, line }: Where): CpuState {
    if (pfn >= LAST_PFN)
      throw new UsageError(`line ${line}: found ${hex(pfn)}, expected one below 4 TiB (${hex(LAST_PFN)})`);
    if (cpu >= mostCpus(this.draft))
      throw new UsageError(`line ${line}: found cpu ${cpu}, expected less than ${mostCpus(this.draft)} cpus`);
    this.draft.onCpu(cpu);
    this.cpus[cpu] ??= new CpuState();
    return this.cpus[cpu];
  }

  private zoneOf(pfn: number): Zone {
    return zoneOfPfn(this.draft.platform.zones, pfn);
  }

  alloc(record: Of<'mm_page_alloc'>): void {
    const { pfn, order, migratetype, cpu } = record;
    if (pfn === 0) return;
    const state = this.cpu(record);
    const here = hereOf(record, `order ${order}, type ${migratetype}`);
    const refilled = this.settle(cpu);
    const { zones, highestZones } = this.draft.platform;
    this.accounting.gave(
      zones[highestZones[record.gfp & GFP_ZONE_MASK]!]!,
      this.zoneOf(pfn),
      pfn,
      order,
      here,
    );
    if (this.model.hasLists(order) && state.direct === undefined)
      this.pcp.alloc(pfn, order, migratetype, refilled, here);
    else this.direct(state, pfn, here);
    this.buddy.inUse(this.zoneOf(pfn), pfn, order);
    state.direct = undefined;
  }

  private direct(state: CpuState, pfn: number, here: Here): void {
    this.model.takeElsewhere(pfn);
    const { direct } = state;
    if (direct === undefined) this.scores.unpredictable('direct', 'nothing was reported as given');
    else
      this.scores.check('direct', direct === pfn, here, () => ({
        expected: hex(direct),
        because: 'the buddy allocator gave it to this cpu last',
        found: hex(pfn),
        known: '',
      }));
  }

  free(record: Of<'mm_page_free'>): void {
    const { pfn, order, cpu, inInterrupt: byInterrupt } = record;
    const state = this.cpu(record);
    if (state.inBatch) this.commit(cpu);
    this.endRuns(cpu);
    if (this.model.hasLists(order))
      state.frees.push({ pfn, order, byInterrupt, here: hereOf(record, `order ${order}`) });
    else {
      this.model.takeElsewhere(pfn);
      this.cameBack(pfn, order, this.pageblocks.typeOf(pfn));
    }
  }

  /** The page reaches its list now, and so did all single pages that were freed before it. */
  freeBatched(record: Of<'mm_page_free_batched'>): void {
    const { pfn, cpu } = record;
    const state = this.cpu(record);
    const at = state.frees.findIndex((free) => free.pfn === pfn);
    this.endRuns(cpu);
    this.commit(cpu, at + 1);
    state.inBatch = state.frees.length > 0;
  }

  zoneLocked(record: Of<'mm_page_alloc_zone_locked'>): void {
    const { pfn, order, migratetype, percpuRefill, cpu } = record;
    const state = this.cpu(record);
    this.commitUnlessBatch(cpu);
    this.drains.end(cpu);
    this.given(state, pfn, order);
    const here = hereOf(record, `order ${order}, type ${migratetype}`);
    this.buddy.given(this.zoneOf(pfn), pfn, order, migratetype, here);
    if (percpuRefill === 1) this.extendRefill(state, record);
    else state.direct = pfn;
    this.model.learnType(pfn, migratetype);
  }

  extfrag(record: Of<'mm_page_alloc_extfrag'>): void {
    const { pfn, order, migratetype, changeOwnership, fallbackMigratetype, cpu } = record;
    const state = this.cpu(record);
    this.commitUnlessBatch(cpu);
    this.drains.end(cpu);
    const reportedTwice = state.lastGiven === pfn;
    if (!reportedTwice) this.given(state, pfn, order);
    const here = hereOf(record, `order ${order}, type ${migratetype}`);
    this.buddy.stolen(this.zoneOf(pfn), record, reportedTwice, here);
    if (!reportedTwice && this.model.hasLists(order)) this.extendRefill(state, record);
    else if (!this.model.hasLists(order)) state.direct = pfn;
    if (changeOwnership === 1) this.changeOwner(record);
    else this.model.learnType(pfn, fallbackMigratetype);
  }

  /** All pageblocks of the block become the thief's. */
  private changeOwner({
    pfn,
    fallbackOrder,
    pageblockOrder,
    migratetype,
  }: Of<'mm_page_alloc_extfrag'>): void {
    const start = pfn & -(2 ** Math.max(fallbackOrder, pageblockOrder));
    for (let block = 0; block < 2 ** fallbackOrder; block += 2 ** pageblockOrder)
      this.model.learnType(start + block, migratetype);
  }

  /** The buddy allocator gave a block away. */
  private given(state: CpuState, pfn: number, order: number): void {
    state.lastGiven = pfn;
    this.model.takeElsewhere(pfn);
    this.accounting.add(this.zoneOf(pfn), -(2 ** order));
  }

  private extendRefill(
    state: CpuState,
    record: Of<'mm_page_alloc_zone_locked'> | Of<'mm_page_alloc_extfrag'>,
  ): void {
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

  drain(record: Of<'mm_page_pcpu_drain'>): void {
    const { pfn, order, migratetype, cpu } = record;
    this.cpu(record);
    this.commitUnlessBatch(cpu);
    this.endRefill(cpu);
    this.drains.drain(pfn, order, migratetype, hereOf(record, `order ${order}, type ${migratetype}`));
    this.cameBack(pfn, order, migratetype);
  }

  /** The buddy allocator got a block. */
  private cameBack(pfn: number, order: number, migratetype: number | undefined): void {
    const zone = this.zoneOf(pfn);
    this.accounting.add(zone, 2 ** order);
    this.buddy.freed(zone, pfn, order, migratetype);
  }

  /** What a cpu was in the middle of is done: its lists are as they should be. Whether that was a refill. */
  private settle(cpu: number): boolean {
    this.commitUnlessBatch(cpu);
    this.drains.end(cpu);
    return this.endRefill(cpu);
  }

  private endRuns(cpu: number): void {
    this.drains.end(cpu);
    this.endRefill(cpu);
  }

  /** True when a refill ended. */
  private endRefill(cpu: number): boolean {
    const state = this.cpus[cpu]!;
    const { refill } = state;
    state.refill = undefined;
    if (refill === undefined) return false;
    const forList = this.pcp.refill(refill);
    if (!forList) state.direct = refill.pages[0];
    return forList;
  }

  /** An event between the pages of a batch is an interrupt's. */
  private commitUnlessBatch(cpu: number): void {
    if (!this.cpus[cpu]!.inBatch) this.commit(cpu);
  }

  /** Pages that were reported as freed reach their lists. */
  private commit(cpu: number, pages = Number.POSITIVE_INFINITY): void {
    const state = this.cpus[cpu]!;
    for (const { pfn, order, byInterrupt, here } of state.frees.splice(0, pages)) {
      if (!this.model.lists.isListed(pfn)) this.buddy.inUse(this.zoneOf(pfn), pfn, order);
      this.pcp.free(pfn, order, here, byInterrupt);
    }
    state.inBatch = false;
  }

  /**
   * The area of a new task's kernel stack, a power of two and a guard page, aligned as nothing else is (alloc_thread_stack_node):
   * its pages are about to be allocated in bulk, with no event.
   */
  kernelStack(record: Of<'alloc_vmap_area'>): void {
    const { size, align, failed, cpu } = record;
    if (failed === 1 || align <= PAGE_BYTES || size !== align + PAGE_BYTES) return;
    this.cpu(record);
    this.settle(cpu);
    const { zones, highestZones } = this.draft.platform;
    const zone = zones[highestZones[GFP_KERNEL & GFP_ZONE_MASK]!]!;
    this.model.takeBulk(
      this.model.list(cpu, zone, listIndex(0, migrateTypeOf(GFP_KERNEL))),
      align / PAGE_BYTES,
    );
  }

  beginReading(): void {
    this.accounting.beginReading();
    this.buddy.beginReading();
    this.model.beginReading();
  }

  /** What was read of the machine since `beginReading`, against what the events make of it. */
  endReading(moment: Moment, here: Here): Phase {
    const zones = this.accounting.endReading(moment, here);
    this.buddy.endReading(moment, here);
    const pcp = this.model.endReading(moment, here, this.scores);
    return { label: moment.label, zones, pcp };
  }

  lost(record: Of<'lost'>): void {
    const { cpu } = record;
    this.cpu(record);
    this.cpus[cpu] = new CpuState();
    this.model.forgetCpu(cpu);
    this.drains.forgetCpu(cpu);
    this.accounting.forget();
    this.buddy.forget();
  }
}
