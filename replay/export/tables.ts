/** Events as a table: CSV, NDJSON and Parquet, with the same columns. */
import { type LineFormat, lineWriter } from '../events/lines.ts';
import type { Pass } from '../events/passes.ts';
import type { Wanted } from '../events/selection.ts';
import type { Exporter, ExportInput, ExportTally } from './exporter.ts';
import { parquetOfEvents } from './parquet/events.ts';

export const parquet: Exporter = {
  name: 'parquet',
  describe: 'a table for DuckDB, pandas, polars, Spark: typed columns, row groups of 131,072 events',
  extension: 'parquet',
  layout: 'may',
  async *write({ passes, lane, wanted, compression, createdBy, metadata }, tally) {
    const counted = counting(passes, wanted, tally);
    yield* parquetOfEvents(counted, {
      withOutcomes: lane !== undefined,
      wanted,
      compression,
      createdBy,
      metadata,
    });
  },
};

export const csv = lines('csv', 'a table as text, a column for each field (RFC 4180)');
export const ndjson = lines('ndjson', 'an event in each line as JSON, its own fields only');

function lines(name: Exclude<LineFormat, 'text'>, describe: string): Exporter {
  return {
    name,
    describe,
    extension: name,
    layout: 'may',
    async *write({ passes, lane, wanted }: ExportInput, tally: ExportTally) {
      const encoder = new TextEncoder();
      const writer = lineWriter(name, { withOutcomes: lane !== undefined });
      if (writer.head !== undefined) yield encoder.encode(`${writer.head}\n`);
      for await (const pass of passes) {
        const text = wantedOf(pass, wanted).map((at) => `${writer.line(pass, at)}\n`);
        tally.told += text.length;
        if (text.length > 0) yield encoder.encode(text.join(''));
      }
    },
  };
}

/** Indexes of the events that are wanted. */
export function wantedOf(pass: Pass, wanted: Wanted | undefined): number[] {
  const all = [...Array(pass.batch.count).keys()];
  return wanted === undefined ? all : all.filter((at) => wanted(pass, at));
}

async function* counting(
  passes: AsyncIterable<Pass>,
  wanted: Wanted | undefined,
  tally: ExportTally,
): AsyncGenerator<Pass> {
  for await (const pass of passes) {
    yield pass;
    tally.told += wanted === undefined ? pass.batch.count : wantedOf(pass, wanted).length;
  }
}
