/**
 * A trace under a layout for ui.perfetto.dev: which process each cpu runs, every event but plain accesses as a slice as
 * long as it took, failures as instants, the figures of a timeline as counters, in simulated time.
 */
import { eventAt } from '../../../core/event/batch.ts';
import { EVENT_KINDS } from '../../../core/event/kinds.ts';
import { faultOf, STATUSES } from '../../../core/outcome/outcome.ts';
import { kindName } from '../../events/columns.ts';
import { NO_PROCESS, type Pass } from '../../events/passes.ts';
import { latestNs } from '../../figures/figures.ts';
import { describeEvent } from '../../text/event-text.ts';
import { TIMELINE_FIGURES } from '../../timeline/figures.ts';
import type { Exporter, ExportTally } from '../exporter.ts';
import { INSTANT, PacketWriter, SLICE_BEGIN, SLICE_END } from './packets.ts';

export const perfetto: Exporter = {
  name: 'perfetto',
  describe:
    'for ui.perfetto.dev: slices, failures and counters in simulated time, a track for each process and cpu',
  extension: 'perfetto-trace',
  layout: 'needs',
  batchSize: 1000,
  async *write({ passes, wanted }, tally) {
    const story = new Story(tally);
    for await (const pass of passes) {
      story.counters(pass);
      for (let at = 0; at < pass.batch.count; at++) story.event(pass, at, wanted?.(pass, at) ?? true);
      if (story.packets.isLarge) yield story.packets.take();
    }
    story.end();
    yield story.packets.take();
  },
};

const ACCESS = EVENT_KINDS.access.code;
const SWITCH = EVENT_KINDS.switch.code;
const EXIT = EVENT_KINDS.exit.code;
/** Of what no process runs; the kernel is no process of ours. */
const KERNEL = 'no process';

class Story {
  readonly packets = new PacketWriter();
  private readonly tally: ExportTally;
  private readonly cpus: number;
  private readonly figures: readonly number[];
  /** By cpu: its track, and the slice that is open there. */
  private readonly cpuTracks = new Map<number, number>();
  private readonly open = new Map<number, number>();
  private readonly processTracks = new Map<number, number>();
  /** By process and cpu. */
  private readonly tracks = new Map<string, number>();
  private readonly last: number[] = [];
  private flows: readonly number[] | undefined;
  private endNs = 0;

  constructor(tally: ExportTally) {
    this.tally = tally;
    this.cpus = this.packets.track({ name: 'cpus' });
    const machine = this.packets.track({ name: 'machine' });
    this.figures = TIMELINE_FIGURES.map(({ name, unit }) =>
      this.packets.track({ name, parent: machine, counter: unit }),
    );
  }

  /** At the beginning of a pass; a value is told when it is another. */
  counters({ step }: Pass): void {
    const { before } = step!;
    const now = TIMELINE_FIGURES.map((figure) => figure.of(before));
    const ns = latestNs(before);
    TIMELINE_FIGURES.forEach(({ kind }, i) => {
      const value = kind === 'flow' ? now[i]! - (this.flows?.[i] ?? 0) : now[i]!;
      if (this.last[i] === value) return;
      this.last[i] = value;
      this.packets.count(this.figures[i]!, ns, value);
    });
    this.flows = now;
  }

  event(pass: Pass, at: number, isWanted: boolean): void {
    const { batch, startNs, processes, step } = pass;
    const kind = batch.kind[at]!;
    const ns = startNs![at]!;
    const end = ns + step!.outcomes.latencyNs[at]!;
    this.endNs = Math.max(this.endNs, end);
    if (kind === SWITCH) this.runs(batch.cpu[at]!, batch.object[at]!, end);
    if (isWanted) this.slice(pass, at, end);
    if (kind === EXIT && processes![at] !== NO_PROCESS) this.runs(batch.cpu[at]!, NO_PROCESS, end);
  }

  private slice(pass: Pass, at: number, end: number): void {
    const { batch, startNs, processes, step } = pass;
    const status = step!.outcomes.status[at]!;
    const fault = faultOf(step!.outcomes.flags[at]!);
    const isAccess = batch.kind[at] === ACCESS;
    if (isAccess && status === 0 && fault.name === 'none') {
      this.tally.leave('accesses without a page fault');
      return;
    }
    this.tally.told++;
    const track = this.trackOf(processes![at]!, batch.cpu[at]!);
    const name = isAccess && status === 0 ? `page fault: ${fault.label}` : kindName(batch.kind[at]!);
    const details = { event: pass.firstEvent + at, what: describe(pass, at) };
    this.packets.event({ track, ns: startNs![at]!, type: SLICE_BEGIN, name, category: 'event', details });
    if (status !== 0) this.failure(track, startNs![at]!, status);
    this.packets.event({ track, ns: end, type: SLICE_END });
  }

  private failure(track: number, ns: number, status: number): void {
    const { name, reason } = STATUSES[status]!;
    this.packets.event({ track, ns, type: INSTANT, name, category: 'failure', details: { reason } });
  }

  /** A slice as long as a cpu runs a process. */
  private runs(cpu: number, process: number, ns: number): void {
    const known = this.cpuTracks.get(cpu);
    const track = known ?? this.packets.track({ name: `cpu ${cpu}`, parent: this.cpus });
    this.cpuTracks.set(cpu, track);
    if (this.open.get(cpu) !== undefined) this.packets.event({ track, ns, type: SLICE_END });
    this.open.delete(cpu);
    if (process === NO_PROCESS) return;
    this.open.set(cpu, process);
    this.packets.event({ track, ns, type: SLICE_BEGIN, name: `process ${process}`, category: 'cpu' });
  }

  /** Threads of a process may run on several cpus at once, and slices of a track lie in each other. */
  private trackOf(process: number, cpu: number): number {
    const key = `${process} ${cpu}`;
    const known = this.tracks.get(key);
    if (known !== undefined) return known;
    const track = this.packets.track({ name: `on cpu ${cpu}`, parent: this.processTrack(process) });
    this.tracks.set(key, track);
    return track;
  }

  private processTrack(process: number): number {
    const known = this.processTracks.get(process);
    if (known !== undefined) return known;
    const isNone = process === NO_PROCESS;
    const options = isNone ? { name: KERNEL } : { name: `process ${process}`, pid: process };
    const track = this.packets.track(options);
    this.processTracks.set(process, track);
    return track;
  }

  end(): void {
    for (const cpu of this.open.keys())
      this.packets.event({ track: this.cpuTracks.get(cpu)!, ns: this.endNs, type: SLICE_END });
    this.open.clear();
  }
}

function describe({ batch }: Pass, at: number): string {
  const event = eventAt(batch, at);
  return event === undefined ? kindName(batch.kind[at]!) : describeEvent(event);
}
