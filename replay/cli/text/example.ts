/** A worked example as it was played: what each scene says, its events, and what became of them. */
import { type Layout, TRANSLATION } from '../../../core/index.ts';
import type { Example } from '../../../workloads/index.ts';
import { formatBytes, type LaneOutcome } from '../../index.ts';
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

type Paint = Pick<Terminal, 'colors'>;

/** Of a scene with more events than this, the first and the last are told. */
const MOST_TOLD = 6;

export function exampleText(
  { name, title, doc, source }: Example,
  layout: Layout,
  scenes: readonly PlayedScene[],
  paint: Paint,
): string {
  const { bold } = paint.colors;
  return [
    `${bold(name)}: ${title}`,
    doc,
    `(${source}; here under ${bold(layout.name)} with ${formatBytes(Number(layout.ramBytes))} of RAM)`,
    ...scenes.map((scene, i) => `\n${sceneText(scene, i + 1, paint)}`),
  ].join('\n');
}

function sceneText({ says, becomes, events }: PlayedScene, number: number, paint: Paint): string {
  const lines = events.map((played) => eventText(played, becomes, paint));
  const left = lines.length - 2;
  const told = lines.length <= MOST_TOLD ? lines : [lines[0]!, `   ... ${left} more`, lines.at(-1)!];
  return [paint.colors.cyan(`${number}. ${says}`), ...told].join('\n');
}

function eventText(
  { event, story, outcome, expected }: PlayedEvent,
  becomes: string,
  { colors }: Paint,
): string {
  const { status, tlb } = outcome;
  const isAccess = event.startsWith('access(');
  const how = isAccess && status === 'ok' ? `; ${TRANSLATION[tlb].story}` : '';
  const otherwise = expected ? '' : colors.red(` [otherwise than in the example: ${becomes}]`);
  return `   ${event}\n      ${status === 'ok' ? story : colors.red(`${status}: `) + story}${how}${otherwise}`;
}
