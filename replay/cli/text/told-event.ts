/** One event under several layouts: what became of it, and what the address is that it is about. */
import {
  batchOf,
  type Explanation,
  eventAddress,
  eventAt,
  explainAddress,
  fold,
  type Layout,
  type MemoryEvent,
} from '../../../core/index.ts';
import { ObjectNames } from '../../../traces/index.ts';
import { describeEvent, describeOutcome, formatNs, type Lane, type LaneOutcome } from '../../index.ts';
import { scaled } from '../../lane/lane.ts';
import { hanging } from '../../text/wrap.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { explanationJson, explanationText, withCaller } from './explanation.ts';

interface ToldEvent {
  readonly layout: Layout;
  readonly outcome: LaneOutcome;
  readonly story: string;
  /** Undefined when the event is about no address. */
  readonly explanation: Explanation | undefined;
}

interface TellOptions {
  readonly device?: number | undefined;
  readonly caches?: boolean | undefined;
  readonly names?: ObjectNames;
}

/** Folds the event on the machine of a lane, which stays as it is. */
export function tellEvent(
  lane: Lane,
  recorded: MemoryEvent,
  { device, caches, names = ObjectNames.NONE }: TellOptions,
): ToldEvent {
  const { machine, layout } = lane;
  const { batch } = scaled(lane, batchOf([recorded]));
  const event = eventAt(batch, 0)!;
  const folded = fold(machine, batch);
  const { outcome, story } = describeOutcome(machine, folded, event);
  const about = eventAddress(machine, folded, event);
  const explanation =
    about &&
    withCaller(
      explainAddress(about.machine, about.space, about.address, { pid: about.pid, device, caches }),
      names,
    );
  return { layout, outcome, story, explanation };
}

export function toldEventText(
  at: number,
  event: MemoryEvent,
  told: readonly ToldEvent[],
  paint: Pick<Terminal, 'colors' | 'width'>,
): string {
  const { colors, width } = paint;
  const parts = told.map(({ layout, outcome, story, explanation }) => {
    const status = outcome.status === 'ok' ? '' : colors.red(`${outcome.status}: `);
    const how = `${status}${story}; ${formatNs(outcome.latencyNs)}`;
    const became = hanging(`${colors.bold(layout.name)}: `, how, 2, width);
    return explanation === undefined
      ? `${became}\n  no address to explain`
      : `${became}\n${explanationText(explanation, layout, paint)}`;
  });
  return [`event ${at}: ${describeEvent(event)} on cpu ${event.cpu}`, ...parts].join('\n\n');
}

export function toldEventJson({ layout, outcome, story, explanation }: ToldEvent): unknown {
  return {
    layout: layout.name,
    outcome,
    story,
    explanation: explanation === undefined ? null : explanationJson(explanation, layout),
  };
}
