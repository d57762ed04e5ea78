/** A worked example as it was played: what each scene says, its events, and what became of them. */
import type { Layout } from '../../../core/index.ts';
import type { Example } from '../../../workloads/index.ts';
import type { LaneOutcome } from '../../index.ts';
import { ramText } from '../../text/ram-text.ts';
import { hanging } from '../../text/wrap.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface PlayedEvent {
  readonly event: string;
  readonly story: string;
  readonly outcome: LaneOutcome;
  /** Whether it came out as on the machine that the example is meant for. */
  readonly expected: boolean;
}

export interface PlayedScene {
  readonly says: string;
  /** The status of all its events on the machine that the example is meant for. */
  readonly becomes: string;
  readonly events: readonly PlayedEvent[];
}

type Paint = Pick<Terminal, 'colors' | 'width'>;

/** Of a scene with more events than this, the first and the last are told. */
const MOST_TOLD = 6;

export function exampleText(
  { name, title, doc, source }: Example,
  layout: Layout,
  scenes: readonly PlayedScene[],
  paint: Paint,
): string {
  const { colors, width } = paint;
  const machine = `here under ${colors.bold(layout.name)} with ${ramText(layout)}`;
  return [
    hanging(`${colors.bold(name)}: `, title, 2, width),
    hanging('', doc, 0, width),
    hanging('', `(${source}; ${machine})`, 1, width),
    ...scenes.map((scene, i) => `\n${sceneText(scene, i + 1, paint)}`),
  ].join('\n');
}

function sceneText({ says, becomes, events }: PlayedScene, number: number, paint: Paint): string {
  const lines = events.map((played) => eventText(played, becomes, paint));
  const left = lines.length - 2;
  const told = lines.length <= MOST_TOLD ? lines : [lines[0]!, `   ... ${left} more`, lines.at(-1)!];
  const { colors, width } = paint;
  return [colors.cyan(hanging(`${number}. `, says, 3, width)), ...told].join('\n');
}

function eventText(
  { event, story, outcome, expected }: PlayedEvent,
  becomes: string,
  { colors, width }: Paint,
): string {
  const { status } = outcome;
  const otherwise = expected ? '' : colors.red(` [otherwise than in the example: ${becomes}]`);
  const became = (status === 'ok' ? story : colors.red(`${status}: `) + story) + otherwise;
  return `${hanging('   ', event, 5, width)}\n${hanging('      ', became, 8, width)}`;
}
