/** Moments as a stream: the last request counts, and who works for an earlier one is told. */
import { Subject } from 'rxjs';
import { expect, test } from 'vitest';
import { momentsOf } from '../../../../replay/page/engine/moments.ts';
import type { Moment, MomentRequest } from '../../../../replay/page/engine/protocol.ts';
import { RightOfWay } from '../../../../replay/page/engine/right-of-way.ts';
import { Overtaken, type Travel } from '../../../../replay/page/engine/travel.ts';
import { parseRunSpec } from '../../../../replay/spec/index.ts';
import { ObjectNames } from '../../../../traces/index.ts';
import { lane } from '../../support.ts';
import { driversRun } from './opened.ts';

interface Trip {
  readonly signal: AbortSignal;
  arrive(): void;
  fail(error: Error): void;
}

/** A traveller who arrives when the test says so. */
function journey() {
  const trips: Trip[] = [];
  const travel = {
    to: (event: number, signal: AbortSignal) =>
      new Promise((resolve, reject) => {
        const arrive = () => resolve({ event, lanes: [lane('3g1g')] });
        trips.push({ signal, arrive, fail: reject });
      }),
    eventsFrom: async () => [],
  } as unknown as Travel;
  const request$ = new Subject<MomentRequest>();
  const moments: Moment[] = [];
  const errors: Error[] = [];
  const run = parseRunSpec(driversRun(10, '3g1g').spec, 'run');
  request$
    .pipe(momentsOf(travel, { run, names: ObjectNames.NONE }, new RightOfWay()))
    .subscribe({ next: (moment) => moments.push(moment), error: (error: Error) => errors.push(error) });
  const go = (event: number) => request$.next({ event, wanted: {} });
  return { go, trips, moments, errors, settled: () => new Promise((resolve) => setTimeout(resolve, 0)) };
}

test('a request ends the one before: its work is told, and what comes of it all the same is not', async () => {
  const { go, trips, moments, settled } = journey();
  go(1);
  go(2);
  expect(trips.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  trips[0]!.arrive();
  await settled();
  trips[1]!.arrive();
  await settled();
  expect(moments.map(({ asked }) => asked)).toEqual([2]);
});

test('who says that he was overtaken has nothing to tell, all else is an error', async () => {
  const { go, trips, moments, errors, settled } = journey();
  go(1);
  trips[0]!.fail(new Overtaken());
  await settled();
  expect([moments, errors]).toEqual([[], []]);
  go(2);
  trips[1]!.fail(new Error('the trace is gone'));
  await settled();
  expect(errors.map(({ message }) => message)).toEqual(['the trace is gone']);
});
