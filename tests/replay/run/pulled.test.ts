/** Who asks for the next value, when, and how a pulled stream ends. */
import {
  concatMap,
  endWith,
  firstValueFrom,
  ignoreElements,
  lastValueFrom,
  map,
  NEVER,
  Subject,
  take,
  toArray,
} from 'rxjs';
import { describe, expect, test } from 'vitest';
import { pulled } from '../../../replay/run/pulled.ts';

const N = (value: unknown) => ({ kind: 'N', value });
const C = { kind: 'C' };
const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

/** 1, 2, 3, and a log of what is asked of it. */
function counted(log: string[], upTo = 3) {
  function* values() {
    try {
      for (let i = 1; i <= upTo; i++) {
        log.push(`asked for ${i}`);
        yield i;
      }
    } finally {
      log.push('closed');
    }
  }
  return values();
}

async function* asAsync<T>(values: Iterable<T>) {
  yield* values;
}

describe('pulled', () => {
  test.each([
    ['an iterable', [1, 2, 3]],
    ['an iterable that is asynchronous', asAsync([1, 2, 3])],
  ])('%s to its own end: values, then a C', async (_, source) => {
    const all$ = pulled(
      source,
      map((value: number) => 10 * value),
      NEVER,
    ).pipe(toArray());
    expect(await lastValueFrom(all$)).toEqual([N(10), N(20), N(30), C]);
  });

  test('nothing to its own end: a C', async () => {
    const all$ = pulled(
      [],
      map((value) => value),
      NEVER,
    ).pipe(toArray());
    expect(await lastValueFrom(all$)).toEqual([C]);
  });

  test('a long synchronous source does not grow the stack', async () => {
    const source = Array.from({ length: 20_000 }, (_, i) => i);
    expect(
      await lastValueFrom(
        pulled(
          source,
          map((value) => value),
          NEVER,
        ).pipe(toArray()),
      ),
    ).toHaveLength(20_001);
  });

  test('the next value is asked for when work is through with the last', async () => {
    const log: string[] = [];
    const work$ = concatMap(async (value: number) => {
      await turn();
      return log.push(`through with ${value}`);
    });
    await lastValueFrom(pulled(counted(log, 2), work$, NEVER));
    expect(log).toEqual(['asked for 1', 'through with 1', 'asked for 2', 'through with 2', 'closed']);
  });

  test('broken off: what is under way is finished, there is no C, and the source is closed', async () => {
    const log: string[] = [];
    const stop$ = new Subject<void>();
    const work$ = concatMap(async (value: number) => {
      if (value === 2) stop$.next();
      await turn();
      return value;
    });
    const all$ = pulled(counted(log), work$, stop$).pipe(toArray());
    expect(await lastValueFrom(all$)).toEqual([N(1), N(2)]);
    expect(log).toEqual(['asked for 1', 'asked for 2', 'closed']);
  });

  test('broken off while it waits for a source that has nothing: at once', async () => {
    const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    const stop$ = new Subject<void>();
    const all = lastValueFrom(
      pulled(
        silent,
        map((value) => value),
        stop$,
      ).pipe(toArray()),
    );
    await turn();
    stop$.next();
    expect(await all).toEqual([]);
  });

  test('whoever has enough closes the source', async () => {
    const log: string[] = [];
    await lastValueFrom(
      pulled(
        counted(log),
        map((value) => value),
        NEVER,
      ).pipe(take(2)),
    );
    expect(log).toEqual(['asked for 1', 'asked for 2', 'closed']);
  });

  test('what fails in the source or in work fails the stream, and closes the source', async () => {
    function* broken() {
      yield 1;
      throw new Error('disk on fire');
    }
    const through$ = pulled(
      broken(),
      map((value) => value),
      NEVER,
    );
    await expect(lastValueFrom(through$)).rejects.toThrow('disk on fire');
    const log: string[] = [];
    const fails = () => Promise.reject(new Error('disk full'));
    await expect(firstValueFrom(pulled(counted(log), concatMap(fails), NEVER))).rejects.toThrow('disk full');
    expect(log).toEqual(['asked for 1', 'closed']);
  });

  test('a source that fails to close has given its values all the same', async () => {
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: true as const, value: undefined }),
        return: () => Promise.reject(new Error('cannot be closed')),
      }),
    };
    expect(
      await lastValueFrom(
        pulled(
          source,
          map((value) => value),
          NEVER,
        ).pipe(toArray()),
      ),
    ).toEqual([C]);
    await turn();
  });

  test('each subscriber has a run of its own', async () => {
    const run$ = pulled(
      [1, 2],
      map((value) => value),
      NEVER,
    ).pipe(ignoreElements(), endWith('over'));
    expect([await lastValueFrom(run$), await lastValueFrom(run$)]).toEqual(['over', 'over']);
  });
});
