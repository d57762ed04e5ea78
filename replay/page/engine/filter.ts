/** Which events a list shows: by kind, by what they name, by their text, by what became of them. */
import type { Batch } from '../../../core/event/batch.ts';
import { CPU } from '../../../core/state/cpus.ts';
import { kindName } from '../../events/columns.ts';
import { eventText } from '../../events/lines.ts';
import { NO_PROCESS } from '../../events/passes.ts';
import { type Selection, wantedBy } from '../../events/selection.ts';
import type { FirstPass } from './pass.ts';
import type { Travel } from './travel.ts';

/** What is left out wants everything; several together want what fits all of them. */
export interface EventFilter {
  readonly selection?: Selection;
  /** In the event's line, whatever the case of its letters. */
  readonly text?: string;
  /** Those that failed, or came out differently, as far as the first pass has come. */
  readonly outcome?: 'failure' | 'difference';
}

/** Whether event `at` of a batch fits. Asked for each event in turn. */
export type Fits = (batch: Batch, firstEvent: number, at: number) => boolean;

/** For the events from `from` on. Which process a cpu runs there, the machines say. */
export async function fittingFrom(
  from: number,
  { selection, text, outcome }: EventFilter,
  pass: FirstPass,
  travel: Travel,
  signal: AbortSignal,
): Promise<Fits> {
  const process = selection?.processes === undefined ? ANY : await processFrom(from, travel, signal);
  const wanted = wantedBy(selection ?? {});
  const hasText = byText(text ?? '');
  const cameOut = byOutcome(pass, outcome);
  return (batch, firstEvent, at) => {
    const processes = process(batch, at);
    return (
      cameOut(firstEvent + at) &&
      wanted({ batch, firstEvent, startNs: undefined, processes, step: undefined }, at) &&
      hasText(batch, at)
    );
  };
}

/** By event of the batch; only that of the event at hand is there. */
type Running = (batch: Batch, at: number) => Float64Array | undefined;

const ANY: Running = () => undefined;

/** Follows the switches from an event on. */
async function processFrom(from: number, travel: Travel, signal: AbortSignal): Promise<Running> {
  const { lanes } = await travel.to(from, signal);
  const { cpus } = lanes[0]!.machine;
  const running = new Map<number, number>();
  let processes = new Float64Array();
  return (batch, at) => {
    if (processes.length < batch.count) processes = new Float64Array(batch.count);
    const cpu = batch.cpu[at]!;
    const pid = running.get(cpu) ?? (cpus.get(cpu, CPU.pid) || NO_PROCESS);
    processes[at] = pid;
    const kind = kindName(batch.kind[at]!);
    running.set(cpu, kind === 'switch' ? batch.object[at]! : kind === 'exit' ? NO_PROCESS : pid);
    return processes;
  };
}

function byOutcome(
  { anyFailure, differences }: FirstPass,
  outcome: EventFilter['outcome'],
): (event: number) => boolean {
  if (outcome === undefined) return () => true;
  const marks = outcome === 'failure' ? anyFailure : differences;
  return (event) => marks.has(event);
}

function byText(text: string): (batch: Batch, at: number) => boolean {
  if (text === '') return () => true;
  const sought = text.toLowerCase();
  return (batch, at) => eventText({ batch }, at).toLowerCase().includes(sought);
}
