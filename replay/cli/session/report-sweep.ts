/** What a sweep has found, as text, CSV, NDJSON, Parquet and JSON. */

import { parquetOfTable } from '../../export/parquet/table.ts';
import { GZIP } from '../../node/compression.ts';
import {
  DEFAULT_FIGURES,
  donePoints,
  EXACTNESS,
  impossibleLines,
  isImpossible,
  plotPage,
  plotsOf,
  plotText,
  pointsText,
  type SweepFigure,
  type SweepResult,
  sweepLines,
  sweepTable,
  sweepText,
  valuesOf,
} from '../../sweep/index.ts';
import { formatCount } from '../../text/units.ts';
import { writeResult } from '../files/result-output.ts';
import { STDOUT } from '../files/trace-output.ts';
import { exitCodeFor, type FailOn } from '../options/fail-on.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { TOOL, VERSION } from '../terminal/version.ts';

export const SWEEP_FORMATS = ['table', 'plot', 'html', 'csv', 'ndjson', 'parquet'] as const;
export type SweepFormat = (typeof SWEEP_FORMATS)[number];

/** What all results of a sweep are, for files that say it once. */
const EXACT = 'exact';

/** With points of the plan that nobody has finished yet. */
type Found = SweepResult & { readonly missing: number };

interface Manner {
  readonly format: SweepFormat;
  readonly figures?: readonly SweepFigure[];
  readonly output?: string;
  readonly json?: true;
  readonly failOn?: FailOn;
  readonly reproduce: string;
}

/** Prints or writes the results, tells what is missing, and sets the exit code. */
export async function reportSweep(terminal: Terminal, found: Found, manner: Manner): Promise<void> {
  const { figures = DEFAULT_FIGURES, failOn = 'incomplete' } = manner;
  if (manner.json)
    await put(terminal, manner, `${JSON.stringify(await jsonOf(found, manner), undefined, 2)}\n`);
  else if (manner.format === 'table' || manner.format === 'plot')
    await putText(terminal, found, manner, figures);
  else if (manner.format === 'html') await putPage(terminal, found, manner, figures);
  else await putData(terminal, found, manner, manner.format, figures);
  const done = donePoints(found);
  const lost = done.filter((point) => point.lost !== null);
  if (lost.length > 0) terminal.note(`${lost[0]!.trace}: incomplete: ${lost[0]!.lost!.message}`);
  if (found.missing > 0)
    terminal.note(
      `incomplete: ${found.missing} of ${found.points.length + found.missing} points are not finished`,
    );
  terminal.exitCode = exitCodeFor(
    {
      incomplete: lost.length > 0 || found.missing > 0,
      failures: done.reduce((sum, point) => sum + point.failures, 0),
    },
    failOn,
  );
}

async function putText(
  terminal: Terminal,
  found: Found,
  manner: Manner,
  figures: readonly SweepFigure[],
): Promise<void> {
  const width = manner.output === undefined ? terminal.width : undefined;
  const lines = [
    manner.format === 'plot' ? plotText(plotsOf(found, figures), width) : sweepText(found, figures, width),
    ...aboutLines(found, manner),
  ];
  await put(terminal, manner, `${lines.join('\n')}\n`);
}

/** A page with charts, without scripts. */
async function putPage(
  terminal: Terminal,
  found: Found,
  manner: Manner,
  figures: readonly SweepFigure[],
): Promise<void> {
  const title = `${TOOL} sweep: ${donePoints(found)[0]?.trace ?? 'no points'}`;
  await put(terminal, manner, plotPage(title, plotsOf(found, figures), aboutLines(found, manner)));
}

/** What could not be, how many there are, and how to have them again. */
function aboutLines(found: Found, { reproduce }: Manner): string[] {
  const impossible = found.points.filter(isImpossible);
  const counts = [
    `${pointsText(found.points.length - impossible.length)}, ${howText(found)}`,
    ...(found.kept > 0 ? [`${formatCount(found.kept)} of them kept from before`] : []),
    ...(impossible.length > 0 ? [`${formatCount(impossible.length)} others cannot be`] : []),
  ];
  return [...impossibleLines(impossible), counts.join('; '), `reproduce: ${reproduce}`];
}

async function putData(
  terminal: Terminal,
  found: Found,
  manner: Manner,
  format: Exclude<SweepFormat, 'table' | 'plot' | 'html'>,
  figures: readonly SweepFigure[],
): Promise<void> {
  const table = sweepTable(found, figures);
  if (format !== 'parquet') await put(terminal, manner, `${sweepLines(format, table).join('\n')}\n`);
  else {
    const parts = await parquetOfTable(table.names, table.rows, {
      compression: GZIP,
      createdBy: `${TOOL} ${VERSION}`,
      metadata: { exactness: EXACT, reproduce: manner.reproduce },
    });
    await writeResult(terminal, manner.output ?? STDOUT, 'a file of format parquet', each(parts));
  }
  for (const line of impossibleLines(found.points)) terminal.note(line);
  terminal.note(`reproduce: ${manner.reproduce}`);
}

async function put(terminal: Terminal, { output }: Manner, text: string): Promise<void> {
  if (output === undefined) await terminal.writePart(text);
  else await writeResult(terminal, output, 'the results', each([new TextEncoder().encode(text)]));
}

async function* each<T>(parts: readonly T[]): AsyncGenerator<T> {
  yield* parts;
}

/** `exact (replayed)`, `exact (2 replayed, 126 in the same pass)` */
function howText(found: Found): string {
  const done = donePoints(found);
  const passed = done.filter(({ how }) => how === 'pass').length;
  if (passed === 0) return `${EXACT} (replayed)`;
  return `${EXACT} (${formatCount(done.length - passed)} replayed, ${formatCount(passed)} in the same pass)`;
}

async function jsonOf({ keys, points, missing }: Found, { reproduce }: Manner) {
  const rows: object[] = [];
  for (const point of points) {
    const settings = valuesOf(point);
    if (isImpossible(point)) rows.push({ settings, impossible: point.reason });
    else {
      const { hash, how } = point;
      rows.push({ settings, hash, how, exactness: EXACTNESS[how], ...(await point.result()) });
    }
  }
  return { keys, exactness: EXACT, points: rows, missing, reproduce };
}
