/** Travelling in time: steps of an event or a batch, and to the next thing worth seeing. */

import { engine } from '../state/engine.ts';
import {
  at,
  BATCH_EVENTS,
  figure,
  goTo,
  lastEvent,
  moment,
  notice,
  opened,
  searching,
  seek,
  step,
} from '../state/store.ts';
import './controls.css';
import { countText, timeText } from './numbers.ts';

export function Controls() {
  const several = opened.value!.lanes.length > 1;
  return (
    <nav class="controls no-print" aria-label="Time travel">
      <span class="controls-group">
        <Step label="To the start" text="|◀" by={Number.NEGATIVE_INFINITY} />
        <Step label="Back a batch" text="◀◀" by={-BATCH_EVENTS} />
        <Step label="Back an event" text="◀" by={-1} />
        <EventField />
        <Step label="On an event" text="▶" by={1} />
        <Step label="On a batch" text="▶▶" by={BATCH_EVENTS} />
        <Step label="To the end" text="▶|" by={Number.POSITIVE_INFINITY} />
      </span>
      <Seek what="failure" />
      {several && <Seek what="difference" />}
      {several && <Parting />}
      <Where />
      <span class="controls-notice" role="status">
        {searching.value ? (
          <button type="button" onClick={() => void engine.stopFinding()}>
            Stop searching
          </button>
        ) : (
          notice.value
        )}
      </span>
    </nav>
  );
}

function Step({ label, text, by }: { readonly label: string; readonly text: string; readonly by: number }) {
  return (
    <button type="button" aria-label={label} title={label} onClick={() => step(by)}>
      {text}
    </button>
  );
}

function EventField() {
  return (
    <label>
      <span class="hidden-label">Event</span>
      <input
        class="controls-event"
        type="number"
        min={0}
        max={lastEvent.value}
        value={at.value}
        onChange={({ currentTarget }) => goTo(currentTarget.valueAsNumber || 0)}
      />
    </label>
  );
}

function Seek({ what }: { readonly what: 'failure' | 'difference' }) {
  return (
    <span class="controls-group">
      <button type="button" aria-label={`Previous ${what}`} onClick={() => void seek({ what }, -1, what)}>
        ◀
      </button>
      {what}
      <button type="button" aria-label={`Next ${what}`} onClick={() => void seek({ what }, 1, what)}>
        ▶
      </button>
    </span>
  );
}

/** The first event after which the first two lanes do not have the same of the timeline's figure. */
function Parting() {
  const { name, doc } = opened.value!.figures[figure.value]!;
  const sought = { what: 'parting', figure: name, lanes: [0, 1] } as const;
  const [one, other] = opened.value!.lanes;
  return (
    <button
      type="button"
      title={`The first event after which ${one!.name} and ${other!.name} differ in: ${doc}`}
      onClick={() => void seek(sought, 1, 'event that parts them')}
    >
      where they part
    </button>
  );
}

/** Which moment is shown: while dragging, the nearest that was at hand. */
function Where() {
  const shown = moment.value;
  if (shown === undefined) return null;
  const rough = shown.event === shown.asked ? '' : `, shown: ${countText(shown.event)}`;
  return (
    <span class="muted">
      of {countText(lastEvent.value)}, at {timeText(shown.timesNs[0]!)}
      {rough}
    </span>
  );
}
