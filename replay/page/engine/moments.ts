/**
 * Moments as a stream: requests come in, for each the lanes go there and the models are asked. A request that comes while
 * another is under way takes its place.
 */
import { Observable, type OperatorFunction, switchMap } from 'rxjs';
import { latestNs } from '../../figures/figures.ts';
import type { Scene, Setting } from '../models/scene.ts';
import { modelOf } from './models.ts';
import type { Answer, Moment, MomentRequest, Wanted } from './protocol.ts';
import type { RightOfWay } from './right-of-way.ts';
import type { Standing } from './trail.ts';
import { Overtaken, type Travel } from './travel.ts';

export function momentsOf(
  travel: Travel,
  setting: Setting,
  way: RightOfWay,
): OperatorFunction<MomentRequest, Moment> {
  return switchMap((request) =>
    cancellable((signal) => way.first(() => momentOf(travel, setting, request, signal))),
  );
}

/** A promise's work, told when nobody waits for it any more. */
function cancellable<T>(work: (signal: AbortSignal) => Promise<T>): Observable<T> {
  return new Observable((subscriber) => {
    const abort = new AbortController();
    work(abort.signal).then(
      (value) => {
        subscriber.next(value);
        subscriber.complete();
      },
      (error: unknown) => {
        if (!(error instanceof Overtaken)) subscriber.error(error);
      },
    );
    return () => abort.abort();
  });
}

async function momentOf(
  travel: Travel,
  setting: Setting,
  { event: asked, wanted, rough }: MomentRequest,
  signal: AbortSignal,
): Promise<Moment> {
  const standing = rough ? travel.nearest(asked) : await travel.to(asked, signal);
  const scene = await sceneOf(travel, setting, standing);
  return {
    event: standing.event,
    asked,
    timesNs: standing.lanes.map(({ machine }) => latestNs(machine)),
    answers: Object.fromEntries(Object.entries(wanted).map(([key, one]) => [key, answerOf(scene, one)])),
  };
}

async function sceneOf(travel: Travel, setting: Setting, { event, lanes }: Standing): Promise<Scene> {
  const [next] = await travel.eventsFrom(event, 1);
  return { ...setting, event, lanes, next };
}

/** One view that cannot be had, of a process that is gone, leaves the others. */
function answerOf(scene: Scene, { model, params }: Wanted): Answer {
  try {
    return { result: modelOf(model, scene, params) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
