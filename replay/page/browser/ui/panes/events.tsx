/** The events around the moment, as a list that scrolls over all of them: each with its outcome in every lane. */
import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { EventRow } from '../../../engine/protocol.ts';
import { engine } from '../../state/engine.ts';
import { at, goTo, lastEvent, opened } from '../../state/store.ts';
import { countText, timeText } from '../numbers.ts';
import { useVirtualRows } from '../virtual-rows.ts';
import './events.css';

const ROW_PX = 24;
/** Browsers end at some ten million pixels: the list has this many events at a time, around where one is. */
const WINDOW = 100_000;

export function Events() {
  const host = useRef<HTMLDivElement>(null);
  const first = useSignal(windowAround(at.value));
  const count = Math.min(WINDOW, lastEvent.value - first.value);
  const { items, totalPx, scrollTo } = useVirtualRows(host, count, ROW_PX);
  useSignalEffect(() => {
    const here = at.value;
    if (here < first.value || here >= first.value + WINDOW) first.value = windowAround(here);
    scrollTo(here - first.value);
  });
  const from = first.value + (items[0]?.index ?? 0);
  const rows = useRows(from, items.length);
  return (
    <div class="events" ref={host}>
      <ol class="events-all" style={{ height: `${totalPx}px` }}>
        {items.map(({ index, start }) => (
          <Row key={index} event={first.value + index} row={rows.get(first.value + index)} top={start} />
        ))}
      </ol>
    </div>
  );
}

function windowAround(event: number): number {
  return Math.max(0, Math.min(event - WINDOW / 2, lastEvent.value - WINDOW));
}

/** The rows that are seen, as far as the engine has answered; the last answer stays until the next one comes. */
function useRows(from: number, count: number): ReadonlyMap<number, EventRow> {
  const rows = useSignal<ReadonlyMap<number, EventRow>>(new Map());
  const facts = opened.value;
  useEffect(() => {
    let isWanted = count > 0;
    if (isWanted)
      void engine.rows(from, count).then((found) => {
        if (isWanted) rows.value = new Map(found.map((row) => [row.event, row]));
      });
    return () => {
      isWanted = false;
    };
  }, [from, count, facts, rows]);
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
      {row === undefined ? (
        <span class="muted">…</span>
      ) : (
        <>
          <span class="events-differs" title={row.differs ? 'comes out differently' : undefined}>
            {row.differs ? '≠' : ''}
          </span>
          <span class="mono events-text" title={row.text}>
            {row.text}
          </span>
          <span class="muted">cpu {row.cpu}</span>
          {row.outcomes.map(({ ok, status, text, timeNs }, i) => (
            <span
              key={i}
              class={`lane-key lane-${i % 6} events-outcome ${ok ? '' : 'bad'}`}
              title={`${opened.value!.lanes[i]!.name}, at ${timeText(timeNs)}: ${text}`}
            >
              {ok ? 'ok' : status}
            </span>
          ))}
        </>
      )}
    </li>
  );
}
