/** What a sweep has found, as text, CSV, NDJSON, Parquet and JSON. */

import { parquetOfTable } from '../../export/parquet/table.ts';
import { GZIP } from '../../node/compression.ts';
import {
  DEFAULT_FIGURES,
  donePoints,
  impossibleLines,
  isImpossible,
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

export const SWEEP_FORMATS = ['table', 'csv', 'ndjson', 'parquet'] as const;
export type SweepFormat = (typeof SWEEP_FORMATS)[number];

const EXACT = 'exact (replayed)';

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
  if (manner.json) await put(terminal, manner, `${JSON.stringify(jsonOf(found, manner), undefined, 2)}\n`);
  else if (manner.format === 'table') await putTable(terminal, found, manner, figures);
  else await putData(terminal, found, manner, manner.format, figures);
  const done = donePoints(found);
  const lost = done.filter(({ result }) => result.lost !== null);
  if (lost.length > 0)
    terminal.note(`${lost[0]!.result.trace}: incomplete: ${lost[0]!.result.lost!.message}`);
  if (found.missing > 0)
    terminal.note(
      `incomplete: ${found.missing} of ${found.points.length + found.missing} points are not finished`,
    );
  terminal.exitCode = exitCodeFor(
    {
      incomplete: lost.length > 0 || found.missing > 0,
      failures: done.reduce((sum, { result }) => sum + result.layouts[0]!.failures, 0),
    },
    failOn,
  );
}

async function putTable(
  terminal: Terminal,
  found: Found,
  manner: Manner,
  figures: readonly SweepFigure[],
): Promise<void> {
  const impossible = found.points.filter(isImpossible);
  const counts = [
    `${pointsText(found.points.length - impossible.length)}, ${EXACT}`,
    ...(found.kept > 0 ? [`${formatCount(found.kept)} of them kept from before`] : []),
    ...(impossible.length > 0 ? [`${formatCount(impossible.length)} others cannot be`] : []),
  ];
  const lines = [
    sweepText(found, figures, manner.output === undefined ? terminal.width : undefined),
    ...impossibleLines(impossible),
    counts.join('; '),
    `reproduce: ${manner.reproduce}`,
  ];
  await put(terminal, manner, `${lines.join('\n')}\n`);
}

async function putData(
  terminal: Terminal,
  found: Found,
  manner: Manner,
  format: Exclude<SweepFormat, 'table'>,
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

function jsonOf({ keys, points, missing }: Found, { reproduce }: Manner) {
  return {
    keys,
    exactness: EXACT,
    points: points.map((point) => {
      const settings = valuesOf(point);
      return isImpossible(point)
        ? { settings, impossible: point.reason }
        : { settings, hash: point.hash, ...point.result };
    }),
    missing,
    reproduce,
  };
}
