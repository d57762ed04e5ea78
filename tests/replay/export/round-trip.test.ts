/** Export, then import, then export: a fixed point, over all workloads and random events. */
import { describe, expect, it } from 'vitest';
import { type Batch, eventsOf } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { passesOf } from '../../../replay/events/passes.ts';
import { EXPORTERS, ExportTally, exporterNamed } from '../../../replay/export/index.ts';
import { importTrace } from '../../../traces/index.ts';
import { WORKLOADS } from '../../../workloads/index.ts';
import { batchesOf, event, randomEvents } from '../support.ts';

async function exported(
  format: string,
  batches: readonly Batch[],
): Promise<{ text: string; tally: ExportTally }> {
  const tally = new ExportTally();
  const parts: Uint8Array[] = [];
  const rest = {
    lane: undefined,
    wanted: undefined,
    compression: undefined,
    createdBy: 'test',
    metadata: {},
  };
  for await (const part of exporterNamed(format).write({ passes: passesOf(batches), ...rest }, tally))
    parts.push(part);
  return { text: Buffer.concat(parts).toString(), tally };
}

async function imported(text: string) {
  const batches: Batch[] = [];
  const blocks = (async function* () {
    yield Buffer.from(text);
  })();
  const result = await importTrace(
    { name: 'exported', blocks },
    { write: (batch) => void batches.push(batch) },
  );
  return { batches, result };
}

const eventsIn = (batches: readonly Batch[]): MemoryEvent[] =>
  batches.flatMap((batch) => [...eventsOf(batch)]);

const SOURCES: readonly (readonly [string, readonly Batch[]])[] = [
  ...WORKLOADS.map((one) => [one.name, [...one.generate(3, {}, 4000, 900)]] as const),
  ...[1, 2, 3].map((seed) => [`random events ${seed}`, batchesOf(randomEvents(seed, 2000), 300)] as const),
];

describe.each(SOURCES)('%s', (_, batches) => {
  it('as NDJSON is the same trace again', async () => {
    const { text, tally } = await exported('ndjson', batches);
    const { batches: again, result } = await imported(text);
    expect(result).toMatchObject({
      format: 'ndjson',
      events: tally.told,
      lines: tally.told,
      warnings: [],
      ignored: {},
    });
    expect(eventsIn(again)).toEqual(eventsIn(batches));
    expect((await exported('ndjson', again)).text).toBe(text);
  });

  it('as lackey text is the same text again, and every event is told or counted', async () => {
    const { text, tally } = await exported('lackey', batches);
    const left = Object.values(tally.leftOut).reduce((sum, count) => sum + count, 0);
    expect(tally.told + left).toBe(eventsIn(batches).length);
    if (!/^( |I)/m.test(text)) return;
    const { batches: again, result } = await imported(text);
    expect([result.format, result.warnings]).toEqual(['lackey', []]);
    expect((await exported('lackey', again)).text).toBe(text);
  });
});

describe('lackey text', () => {
  const access = (object: number, offset: number, size: number, mode: number) =>
    event('access', { object, offset, size, mode });
  const lines = async (...events: MemoryEvent[]): Promise<string[]> =>
    (await exported('lackey', batchesOf(events, 2))).text.trimEnd().split('\n').slice(3);

  it('has a line for each reference of user mode, at addresses that keep what is near near', async () => {
    expect(
      await lines(
        access(7, 0x100, 4, 3),
        access(9, 8, 8, 0),
        access(7, 0x104, 8, 1),
        access(9, 16, 4, 2),
        access(9, 0, 8, 4),
      ),
    ).toEqual(['I  10000100,4', ' L 10400008,8', ' S 10000104,8', ' M 10400010,4', '==1== guest instrs:  1']);
  });

  it('joins what an importer had cut', async () => {
    expect(await lines(access(1, 2 ** 22 - 4, 4, 1), access(2, 0, 4, 9), access(1, 0, 1, 0))).toEqual([
      ' S 103ffffc,8',
      ' L 10000000,1',
      '==1== guest instrs:  0',
    ]);
  });

  it('has a new program where a process starts one', async () => {
    const { batches } = await imported(
      (await exported('lackey', batchesOf([access(1, 0, 1, 3), event('exec'), access(1, 0, 2, 3)], 5))).text,
    );
    expect(eventsIn(batches).map(({ kind }) => kind)).toEqual([
      ...['spawn', 'switch', 'mmap', 'access', 'exec', 'mmap', 'access', 'exit'],
    ]);
  });
});

it('every exporter whose format an importer reads is in these tests', () => {
  expect(EXPORTERS.map(({ name }) => name)).toEqual([
    'parquet',
    'ndjson',
    'csv',
    'perfetto',
    'lackey',
    'maps',
  ]);
});
