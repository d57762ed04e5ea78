/** A tour through a worked example: what a scene is about, its events and what became of them, and the way on. */

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { EventRow, TourScene } from '../../engine/protocol.ts';
import { askForRows } from '../state/event-rows.ts';
import { at, select } from '../state/store.ts';
import { goToScene, scene, tour, tourClosed } from '../state/tour.ts';
import { laneKey } from './lanes.tsx';
import './tour.css';

export function TourBar() {
  const here = tour.value;
  if (here === undefined) return null;
  const { scenes, title, doc, source } = here;
  const now = scenes[scene.value];
  return (
    <section class="tour" aria-label="Tour">
      <div class="tour-head">
        <h2>{title}</h2>
        <span class="tour-way no-print">
          <button type="button" disabled={scene.value === 0} onClick={() => goToScene(scene.value - 1)}>
            ◀ Previous
          </button>
          <span class="tour-place">
            {now === undefined ? 'the end' : `scene ${scene.value + 1} of ${scenes.length}`}
          </span>
          <button
            type="button"
            class={now === undefined ? '' : 'primary'}
            disabled={now === undefined}
            onClick={() => goToScene(scene.value + 1)}
          >
            Next ▶
          </button>
          <button
            type="button"
            class="plain"
            aria-label="Close the tour"
            onClick={() => (tourClosed.value = true)}
          >
            ✕
          </button>
        </span>
      </div>
      {scene.value === 0 && (
        <p class="tour-doc">
          {doc} <span class="muted">({source})</span>
        </p>
      )}
      <div aria-live="polite">
        {now === undefined ? (
          <p class="tour-says">That was all of it. The views show the machine as it is in the end.</p>
        ) : (
          <Scene key={scene.value} now={now} />
        )}
      </div>
    </section>
  );
}

/** Of more events than this, the first and the last are told. */
const MOST_TOLD = 5;

function Scene({ now }: { readonly now: TourScene }) {
  const rows = useSignal<readonly EventRow[]>([]);
  const { first, count, says, becomes } = now;
  useEffect(() => {
    const all = Array.from({ length: count }, (_, i) => first + i);
    const told = count <= MOST_TOLD ? all : [all[0]!, all.at(-1)!];
    return askForRows(told, (found) => {
      rows.value = found;
    });
  }, [first, count]);
  const left = count - rows.value.length;
  return (
    <>
      <p class="tour-says">
        {scene.value + 1}. {says}
      </p>
      <ol class="tour-events">
        {rows.value.map((row, i) => (
          <li key={row.event} class={row.event === at.value ? 'tour-here' : ''}>
            {i === 1 && left > 0 && <span class="muted">… {left.toLocaleString()} more, and </span>}
            <button
              type="button"
              class="link mono"
              aria-current={row.event === at.value}
              onClick={() => select({ kind: 'event', event: row.event })}
            >
              {row.text}
            </button>
            <Became row={row} becomes={becomes} />
          </li>
        ))}
      </ol>
    </>
  );
}

/** By lane; on another machine than the example's something may come out otherwise. */
function Became({ row, becomes }: { readonly row: EventRow; readonly becomes: string }) {
  return (
    <>
      {row.outcomes.map(({ ok, status, text }, i) => (
        <span key={i} class={`tour-became ${ok ? '' : 'bad'}`}>
          {row.outcomes.length > 1 && <span class={laneKey(i)} />}
          {text}
          {status !== becomes && <strong> (otherwise than in the example: {becomes})</strong>}
        </span>
      ))}
    </>
  );
}
