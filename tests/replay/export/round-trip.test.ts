/** Export, then import, then export: a fixed point, over all workloads, random events and captures of real programs. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Batch, eventsOf } from '../../../core/event/batch.ts';
import { EVENT_KINDS, type KindName, type MemoryEvent } from '../../../core/event/kinds.ts';
import { passesOf } from '../../../replay/events/passes.ts';
import { EXPORTERS, ExportTally, exporterNamed } from '../../../replay/export/index.ts';
import { importTrace } from '../../../traces/index.ts';
import { WORKLOADS } from '../../../workloads/index.ts';
import { FULL } from '../../support/depth.ts';
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

describe.each(SOURCES.filter((_, i) => FULL || i % 3 === 0))('%s', (_, batches) => {
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
  it('as strace text is the same text again, and every event is told or counted', async () => {
    const { text, tally } = await exported('strace', batches);
    const left = Object.values(tally.leftOut).reduce((sum, count) => sum + count, 0);
    expect(tally.told + left).toBe(eventsIn(batches).length);
    if (text === '') return;
    const { batches: again, result } = await imported(text);
    expect([result.format, result.warnings]).toEqual(['strace', []]);
    expect((await exported('strace', again)).text).toBe(text);
  });
});

describe('captures of real programs', () => {
  const STRACES = readdirSync('tests/fixtures/strace').map((file) => `strace/${file}`);
  it.each([...STRACES, 'lackey/true.lackey.gz'])('%s', async (file) => {
    const format = file.split('/')[0]!;
    const capture = await imported(gunzipSync(readFileSync(`tests/fixtures/${file}`)).toString('latin1'));
    const { text, tally } = await exported(format, capture.batches);
    expect(tally.told).toBeGreaterThan(5);
    expect((await exported(format, (await imported(text)).batches)).text).toBe(text);
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

const ENOMEM = '-1 ENOMEM (Cannot allocate memory)';

describe('strace text', () => {
  const text = async (...events: MemoryEvent[]): Promise<string[]> =>
    (await exported('strace', batchesOf(events, 2))).text.trimEnd().split('\n');
  const start = [event('spawn', { pid: 9 }), event('switch', { pid: 9 })];

  it('has the calls that change address spaces, of processes numbered as they come', async () => {
    const flags = { flags: 3 };
    expect(
      await text(
        ...start,
        event('mmap', { object: 1, length: 5000, file: 8, ...flags }),
        event('brk', { object: 2, length: 4096 }),
        event('access', { object: 1, size: 8 }),
        event('fork', { pid: 4 }),
        event('switch', { pid: 4 }),
        event('munmap', { object: 1 }),
        event('mprotect', { object: 1, length: 4096 }),
        event('exit'),
        event('switch', { pid: 9 }),
        event('mprotect', { object: 1, offset: 4096, prot: 1 }),
        event('mremap', { object: 1, length: 16384, mremapFlags: 1 }),
        event('madvise', { object: 1, length: 4096, advice: 4 }),
        event('clone', { pid: 5, cloneFlags: 0x10100 }),
      ),
    ).toEqual([
      '1 execve("?", ["?"], 0x0 /* 0 vars */) = 0',
      '1 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE, 3</file/1>, 0) = 0x10000000',
      '1 brk(NULL) = 0x10003000',
      '1 brk(0x10004000) = 0x10004000',
      '1 clone(child_stack=NULL, flags=SIGCHLD) = 2',
      '2 munmap(0x10000000, 8192) = 0',
      '2 +++ exited with 0 +++',
      '1 mprotect(0x10001000, 4096, PROT_READ) = 0',
      '1 mremap(0x10000000, 8192, 16384, MREMAP_MAYMOVE) = 0x110004000',
      '1 madvise(0x110004000, 4096, MADV_DONTNEED) = 0',
      '1 clone(child_stack=NULL, flags=CLONE_VM|CLONE_THREAD) = 3',
    ]);
  });

  it('has calls that failed where they were recorded as calls that failed, whatever gives back what they get', async () => {
    const refused = (object: number, kind: KindName, length = 0): MemoryEvent =>
      event('refused', { object, request: EVENT_KINDS[kind].code, length });
    const told = await text(
      ...start,
      event('mmap', { object: 1, length: 4096, flags: 3 }),
      event('mremap', { object: 1, length: 8192, mremapFlags: 1 }),
      refused(1, 'mremap', 8192),
      event('mremap', { object: 1, length: 4096, mremapFlags: 1 }),
      event('brk', { object: 2, length: 4096 }),
      refused(2, 'brk', 4096),
      event('brk', { object: 2, length: 0 }),
      event('fork', { pid: 4 }),
      event('refused_fork', { pid: 4, request: EVENT_KINDS.fork.code }),
      event('switch', { pid: 4 }),
      event('exit'),
      event('switch', { pid: 9 }),
      event('mmap', { object: 3, length: 4096, flags: 3 }),
      refused(3, 'mmap'),
      event('munmap', { object: 3 }),
      event('munmap', { object: 1 }),
    );
    expect(told.slice(1)).toEqual([
      '1 mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x10000000',
      `1 mremap(0x10000000, 4096, 8192, MREMAP_MAYMOVE) = ${ENOMEM}`,
      '1 brk(NULL) = 0x10005000',
      '1 brk(0x10006000) = 0x10005000',
      `1 clone(child_stack=NULL, flags=SIGCHLD) = ${ENOMEM}`,
      `1 mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = ${ENOMEM}`,
      '1 munmap(0x10000000, 4096) = 0',
    ]);
  });

  it('leaves out what has no call, or names what is not there', async () => {
    const { tally } = await exported(
      'strace',
      batchesOf(
        [...start, event('munmap', { object: 3 }), event('kmalloc', { object: 1 }), event('exit')],
        2,
      ),
    );
    expect([tally.told, Object.values(tally.leftOut).reduce((sum, count) => sum + count, 0)]).toEqual([0, 5]);
  });
});

it('every exporter whose format an importer reads is in these tests', () => {
  expect(EXPORTERS.map(({ name }) => name)).toEqual([
    'parquet',
    'ndjson',
    'csv',
    'perfetto',
    'lackey',
    'strace',
    'maps',
  ]);
});
