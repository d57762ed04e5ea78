/** Follows a trace line by line: page events to their observer, and markers that say when a snapshot was read. */
import type { KernelRecord, KernelRecordKind } from '../../../traces/index.ts';
import type { Phase } from '../model/accounting.ts';
import { machineBeside } from '../model/machine-beside.ts';
import { type Moment, momentMarker } from '../model/moment.ts';
import { hereOf } from '../score/here.ts';
import { Scores } from '../score/rules.ts';
import { type Of, PageObserver } from './page-observer.ts';

export class Observer {
  readonly scores: Scores;
  /** One for each moment that could be compared with the one before. */
  readonly phases: Phase[] = [];
  /** Lines by kind of record: those that are no page event are passed over. */
  readonly lines: Partial<Record<KernelRecordKind, number>> = {};
  /** Moments whose markers have been in the trace. */
  readonly read: string[] = [];
  private readonly moments: ReadonlyMap<string, Moment>;
  private readonly pages: PageObserver;

  /** `disagreements`: how many of each rule are kept. */
  constructor(moments: readonly Moment[], disagreements: number) {
    this.scores = new Scores(disagreements);
    this.moments = new Map(moments.map((moment) => [moment.label, moment]));
    const zoneinfo = moments.find((moment) => moment.zoneinfo)?.zoneinfo;
    const pagetypes = moments.find((moment) => moment.pagetypeinfo)?.pagetypeinfo;
    this.pages = new PageObserver(machineBeside(zoneinfo, pagetypes), pagetypes, this.scores);
  }

  /** Pages that left per-cpu lists with no event that says so. */
  get untracedPages(): number {
    return this.pages.model.untracedPages;
  }

  observe(record: KernelRecord): void {
    this.lines[record.kind] = (this.lines[record.kind] ?? 0) + 1;
    switch (record.kind) {
      case 'mm_page_alloc':
        this.pages.alloc(record);
        break;
      case 'mm_page_free':
        this.pages.free(record);
        break;
      case 'mm_page_free_batched':
        this.pages.freeBatched(record);
        break;
      case 'mm_page_alloc_zone_locked':
        this.pages.zoneLocked(record);
        break;
      case 'mm_page_alloc_extfrag':
        this.pages.extfrag(record);
        break;
      case 'mm_page_pcpu_drain':
        this.pages.drain(record);
        break;
      case 'alloc_vmap_area':
        this.pages.kernelStack(record);
        break;
      case 'tracing_mark_write':
        this.marker(record);
        break;
      case 'lost':
        this.pages.lost(record);
        break;
      default:
        break;
    }
  }

  /** At the end of the trace. */
  finish(): void {
    this.pages.settleAll();
  }

  private marker(record: Of<'tracing_mark_write'>): void {
    const marker = momentMarker(record.text);
    const moment = marker && this.moments.get(marker.label);
    if (moment === undefined) return;
    this.pages.settleAll();
    if (marker!.edge === 'begin') this.pages.beginReading();
    else this.endReading(moment, record);
  }

  private endReading(moment: Moment, record: Of<'tracing_mark_write'>): void {
    this.read.push(moment.label);
    const phase = this.pages.endReading(moment, hereOf(record, `end of the snapshot '${moment.label}'`));
    if (phase.zones.length + phase.pcp.length > 0) this.phases.push(phase);
  }
}
