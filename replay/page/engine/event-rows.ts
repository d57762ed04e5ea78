/** Events as rows of a list: what each asks, which process asked, and what every lane makes of it. */
import type { Batch } from '../../../core/event/batch.ts';
import { OK, STATUSES } from '../../../core/outcome/outcome.ts';
import { CPU } from '../../../core/state/cpus.ts';
import { categoryOf } from '../../diff/difference.ts';
import { kindName } from '../../events/columns.ts';
import { eventText, outcomeText } from '../../events/lines.ts';
import { NO_PROCESS } from '../../events/passes.ts';
import { eventTimes } from '../../figures/event-times.ts';
import { type LaneStep, stepLane } from '../../lane/lane.ts';
import type { EventRow, RowOutcome } from './protocol.ts';
import type { Standing } from './trail.ts';
import { Overtaken, stepped, type Travel } from './travel.ts';

/** Rows of these events, which are ascending; neighbours are folded together. Throws Overtaken when the signal comes first. */
export async function rowsOf(
  travel: Travel,
  events: readonly number[],
  signal: AbortSignal,
): Promise<EventRow[]> {
  const rows: EventRow[] = [];
  for (const { from, count } of runsOf(events)) {
    if (signal.aborted) throw new Overtaken();
    let standing = await travel.to(from, signal);
    for (const batch of await travel.eventsFrom(from, count)) {
      rows.push(...eventRows(standing, batch));
      standing = stepped(standing, batch);
    }
  }
  return rows;
}

function runsOf(events: readonly number[]): { from: number; count: number }[] {
  const runs: { from: number; count: number }[] = [];
  for (const event of events) {
    const last = runs.at(-1);
    if (last !== undefined && last.from + last.count === event) last.count++;
    else runs.push({ from: event, count: 1 });
  }
  return runs;
}

/** The events of a batch, met by the lanes as they stand. */
function eventRows({ event: firstEvent, lanes }: Standing, batch: Batch): EventRow[] {
  const steps = lanes.map((lane) => stepLane(lane, batch));
  const ends = steps.map((step) => eventTimes(step, step.batch).startNs);
  const outcomes = steps.map((step) => step.outcomes);
  const running = runningProcesses(steps[0]!);
  return Array.from({ length: batch.count }, (_, at) => ({
    event: firstEvent + at,
    cpu: batch.cpu[at]!,
    process: running(at),
    kind: kindName(batch.kind[at]!),
    text: eventText({ batch }, at),
    outcomes: steps.map((step, lane) => rowOutcome(step, at, ends[lane]![at]!)),
    differs: categoryOf(outcomes, at) !== undefined,
  }));
}

function rowOutcome(step: LaneStep, at: number, timeNs: number): RowOutcome {
  const status = step.outcomes.status[at]!;
  return { ok: status === OK, status: STATUSES[status]!.name, text: outcomeText(step, at), timeNs };
}

/** The process that the cpu of an event ran before the batch, switches within it followed. */
function runningProcesses({ before, batch }: LaneStep): (at: number) => number {
  const pids = new Map<number, number>();
  return (at) => {
    const cpu = batch.cpu[at]!;
    const pid = pids.get(cpu) ?? (before.cpus.get(cpu, CPU.pid) || NO_PROCESS);
    const kind = kindName(batch.kind[at]!);
    pids.set(cpu, kind === 'switch' ? batch.object[at]! : kind === 'exit' ? NO_PROCESS : pid);
    return pid;
  };
}
