/** A breath lets the rest of the process in, whatever the host has to offer. */
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../../core/event/batch.ts';
import { breathOf } from '../../../replay/source/breath.ts';
import { breathing } from '../../../replay/source/source.ts';
import { batchesOf, event } from '../support.ts';

/** Whether a timer that was due got its turn while `work` was awaited. */
async function letsTimersIn(work: () => Promise<unknown>): Promise<boolean> {
  let ran = false;
  const timer = setTimeout(() => {
    ran = true;
  }, 1);
  const due = performance.now() + 3;
  while (performance.now() < due);
  await work();
  clearTimeout(timer);
  return ran;
}

describe('a breath', () => {
  const { MessageChannel, setImmediate } = globalThis;
  const nodes = breathOf({ MessageChannel, setImmediate });
  const browsers = breathOf({ MessageChannel });

  test.each([
    ['of Node', nodes],
    ['of a browser', browsers],
  ])('%s lets timers in', async (_, breath) => {
    // The loop may be just before its timers or just behind them.
    expect(await letsTimersIn(async () => [await breath(), await breath(), await breath()])).toBe(true);
  });

  test('is what a promise is not', async () => {
    expect(await letsTimersIn(() => Promise.resolve())).toBe(false);
  });
});

describe('a breathing source', () => {
  const access = event('access', { object: 1, size: 8 });

  test('gives the same batches', async () => {
    const batches = batchesOf([access, access, access], 1);
    const seen = [];
    for await (const batch of breathing(batches)) seen.push(batch);
    expect(seen).toEqual(batches);
  });

  test.each([
    ['breathes after 65,536 events', 4, true],
    ['and not before', 3, false],
  ])('%s', async (_, count, breathes) => {
    const batch = batchOf(Array.from({ length: 16_384 }, () => access));
    const source = breathing(Array.from({ length: count + 1 }, () => batch));
    const take = async () => {
      for (let i = 0; i <= count; i++) await source.next();
    };
    let turns = 0;
    const turn = (): void => {
      turns++;
    };
    const other = setImmediate(turn);
    await take();
    clearImmediate(other);
    expect(turns > 0).toBe(breathes);
  });
});
