/** Events as JSON lines: what people may write by hand, and what is wrong with a line. */
import { describe, expect, it } from 'vitest';
import { type Batch, eventsOf } from '../../../core/event/batch.ts';
import { importTrace } from '../../../traces/index.ts';

async function imported(text: string, from?: string) {
  const batches: Batch[] = [];
  const blocks = (async function* () {
    yield Buffer.from(text);
  })();
  const result = await importTrace(
    { name: 'a.ndjson', blocks, from },
    { write: (batch) => void batches.push(batch) },
  );
  return { events: batches.flatMap((batch) => [...eventsOf(batch)]), result };
}

describe('events as JSON lines', () => {
  it('need only say what is not 0', async () => {
    const { events, result } = await imported(
      '{"kind":"spawn","pid":1}\n\n{"kind":"kmalloc","cpu":2,"thinkNs":7,"object":1,"size":9,"gfp":0}\n',
    );
    expect(events).toEqual([
      { kind: 'spawn', cpu: 0, thinkNs: 0, pid: 1 },
      { kind: 'kmalloc', cpu: 2, thinkNs: 7, object: 1, size: 9, gfp: 0 },
    ]);
    expect(result).toMatchObject({
      ...{ format: 'ndjson', lines: 3, events: 2, eventLines: 2, processes: 1 },
      ignored: { 'empty line': 1 },
      notes: { cpus: 3 },
      choice: { why: '2 of the first 2 lines are events as JSON' },
    });
  });

  it('are known with blanks too, as other programs write JSON', async () => {
    const { events, result } = await imported(
      '{"kind": "spawn", "pid": 1}\n  { "cpu" : 3 , "kind" : "exit" }\n',
    );
    expect(events).toEqual([
      { kind: 'spawn', cpu: 0, thinkNs: 0, pid: 1 },
      { kind: 'exit', cpu: 3, thinkNs: 0 },
    ]);
    expect(result.choice.why).toBe('2 of the first 2 lines are events as JSON');
  });

  it('may have what is told beside an event, but not fields of other kinds', async () => {
    const { events } = await imported('{"event":7,"timeNs":5,"process":null,"kind":"exit","status":"ok"}\n');
    expect(events).toEqual([{ kind: 'exit', cpu: 0, thinkNs: 0 }]);
  });

  it('that end within the last line lose that', async () => {
    const { events, result } = await imported('{"kind":"exit"}\n{"kind":"exi');
    expect([events.length, result.warnings]).toEqual([1, [expect.stringContaining('line 2 has no end')]]);
    expect((await imported('{"kind":"exit"}\n{"kind":"exit"}')).events).toHaveLength(2);
  });

  it.each([
    ['{"kind":"exit"}\n{"kind":"exot"}', /line 2: found event 1: found kind 'exot', .*did you mean exit\?/],
    ['{"kind":"kfree"}\n', /line 1: found event 0 \(kfree\): found no object/],
    ['{"kind":"kfree","object":-1}\n', /found -1, expected a whole number from 0/],
    ['{"kind":"exit","pid":1}\n', /found field pid, expected kind, cpu, thinkNs and nothing else/],
    ['{"kind":"exit"}\nfoo\n', /line 2: found "foo", expected events such as \{"kind"/],
    ['[]\n', /line 1: found "\[\]"/],
    ['\n', /found no event/],
  ])('%j: is refused with its line', async (text, message) => {
    await expect(imported(text, 'ndjson')).rejects.toThrow(message);
  });
});
