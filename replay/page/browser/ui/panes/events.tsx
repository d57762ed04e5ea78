/** The events as a list: all of them, around the moment, or those that fit a filter; each with its outcome in every lane. */

import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { EventRow } from '../../../engine/protocol.ts';
import { askForRows } from '../../state/event-rows.ts';
import { filter, match, matching } from '../../state/filter.ts';
import { at, goTo, lastEvent, opened, pass } from '../../state/store.ts';
import { laneKey } from '../lanes.tsx';
import { countText, timeText } from '../numbers.ts';
import { useVirtualRows } from '../virtual-rows.ts';
import { EventFilterBar } from './event-filter.tsx';
import './events.css';

const ROW_PX = 24;

export function Events() {
  return (
    <div class="events">
      <EventFilterBar />
      {filter.value === undefined ? <AllEvents /> : <MatchingEvents />}
    </div>
  );
}

/** Browsers end at some ten million pixels: the list has this many events at a time, around where one is. */
const WINDOW = 100_000;

function AllEvents() {
  const first = useSignal(windowAround(at.value));
  useSignalEffect(() => {
    const here = at.value;
    if (here < first.peek() || here >= first.peek() + WINDOW) first.value = windowAround(here);
  });
  const from = first.value;
  return (
    <EventList
      count={Math.min(WINDOW, lastEvent.value - from)}
      eventAt={(index) => from + index}
      here={at.value - from}
    />
  );
}

function windowAround(event: number): number {
  return Math.max(0, Math.min(event - WINDOW / 2, lastEvent.value - WINDOW));
}

function MatchingEvents() {
  const found = matching.value;
  if (found === undefined) return <p class="events-told muted">Looking through the events…</p>;
  const { events, from, isCut } = found;
  const here = events.findLastIndex((event) => event <= at.value);
  return (
    <>
      <p class="events-told muted">
        {countText(events.length)} {events.length === 1 ? 'event fits' : 'events fit'}
        {from > 0 && ` from event ${countText(from)} on`}
        {isCut && (
          <>
            {' so far. '}
            <button type="button" class="link" onClick={() => void match(events.at(-1)! + 1)}>
              Go on behind event {countText(events.at(-1)!)}
            </button>
          </>
        )}
      </p>
      <EventList count={events.length} eventAt={(index) => events[index]!} here={Math.max(0, here)} />
    </>
  );
}

interface EventListProps {
  readonly count: number;
  /** Number of the event of a row. */
  eventAt(index: number): number;
  /** The row that is to be in sight. */
  readonly here: number;
}

function EventList({ count, eventAt, here }: EventListProps) {
  const host = useRef<HTMLDivElement>(null);
  const { items, totalPx, heightPx, scrollTo } = useVirtualRows(host, count, ROW_PX);
  useEffect(() => scrollTo(here), [here, count, heightPx]);
  const events = items.filter(({ index }) => index < count).map(({ index }) => eventAt(index));
  const rows = useRows(events);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <div class="events-list" ref={host} tabIndex={0}>
      <ol class="events-all" style={{ height: `${totalPx}px` }}>
        {events.map((event, i) => (
          <Row key={event} event={event} row={rows.get(event)} top={items[i]!.start} />
        ))}
      </ol>
    </div>
  );
}

/** The rows that are seen, as far as the engine has answered; the last answer stays until the next one comes. */
function useRows(events: readonly number[]): ReadonlyMap<number, EventRow> {
  const rows = useSignal<ReadonlyMap<number, EventRow>>(new Map());
  const facts = opened.value;
  const [first, last] = [events[0], events.at(-1)];
  // Whether lanes differ is known for all once the first pass is through.
  const isDone = pass.value?.state === 'done';
  useEffect(() => {
    let forget = (): void => {};
    // A list that jumps is somewhere else first, and scrolls then.
    const frame = requestAnimationFrame(() => {
      forget = askForRows(events, (found) => {
        rows.value = new Map(found.map((row) => [row.event, row]));
      });
    });
    return () => {
      forget();
      cancelAnimationFrame(frame);
    };
  }, [first, last, events.length, facts, isDone]);
  return rows.value;
}

interface RowProps {
  readonly event: number;
  readonly row: EventRow | undefined;
  readonly top: number;
}

function Row({ event, row, top }: RowProps) {
  const isHere = at.value === event;
  return (
    <li class={`events-row${isHere ? ' events-here' : ''}`} style={{ transform: `translateY(${top}px)` }}>
      <button type="button" class="plain" aria-current={isHere} onClick={() => goTo(event)}>
        {countText(event)}
      </button>
      {row === undefined ? <span class="muted">…</span> : <RowCells row={row} />}
    </li>
  );
}

function RowCells({ row: { differs, text, cpu, process, outcomes } }: { readonly row: EventRow }) {
  const on = process < 0 ? `cpu ${cpu}` : `cpu ${cpu}, process ${process}`;
  return (
    <>
      <span class="events-differs" title={differs ? 'comes out differently' : undefined}>
        {differs ? '≠' : ''}
      </span>
      <span class="mono events-text" title={`${text}\n${on}`}>
        {text}
      </span>
      {outcomes.map(({ ok, status, text: story, timeNs }, i) => {
        const { name } = opened.value!.lanes[i]!;
        return (
          <span
            key={name}
            class={`${laneKey(i)} events-outcome ${ok ? '' : 'bad'}`}
            title={`${name}, at ${timeText(timeNs)}: ${story}`}
          >
            <span class="events-status">{ok ? 'ok' : status}</span>
          </span>
        );
      })}
    </>
  );
}
