/** What is picked, what it is in each lane, and the events that have to do with it: watchpoints, forwards and backwards. */

import { useEffect } from 'preact/hooks';
import type { Sought } from '../../engine/finder.ts';
import type { Linked } from '../../models/linked.ts';
import { type Selection, selectionText } from '../../models/selection.ts';
import { selectedByLane } from '../state/selected.ts';
import { opened, seek, select, selection } from '../state/store.ts';
import { useModel } from '../state/use-model.ts';
import { laneKey } from './lanes.tsx';
import './selected.css';

export function Selected() {
  const picked = selection.value;
  if (picked === undefined || picked.kind === 'event') return null;
  return <SelectedThing picked={picked} />;
}

type Thing = Exclude<Selection, { kind: 'event' }>;

function SelectedThing({ picked }: { readonly picked: Thing }) {
  const { result, error } = useModel('selected', { selection: picked });
  const links = result?.map(({ linked }) => linked);
  useEffect(() => {
    selectedByLane.value = result ?? [];
  }, [result]);
  useEffect(() => forgetSelected, []);
  return (
    <section class="selected" aria-label="Selected">
      <div class="selected-head">
        <strong class="mono">{selectionText(picked)}</strong>
        <Watch picked={picked} linked={links} />
        <button type="button" onClick={() => select(undefined)} aria-label="Select nothing">
          ✕
        </button>
      </div>
      {error !== undefined && <p class="bad">{error}</p>}
      <ul>
        {links?.map((linked, i) => (
          <LinkedInLane key={opened.value!.lanes[i]!.name} lane={i} linked={linked} />
        ))}
      </ul>
    </section>
  );
}

function forgetSelected(): void {
  selectedByLane.value = [];
}

function LinkedInLane({ lane, linked }: { readonly lane: number; readonly linked: Linked }) {
  const { text, frames, objects, processes } = linked;
  const others: Thing[] = [
    ...objects.slice(0, MOST_TOLD).map((object) => ({ kind: 'object', object }) as const),
    ...frames.slice(0, MOST_TOLD).map(({ start }) => ({ kind: 'frame', pfn: start }) as const),
    ...processes.slice(0, MOST_TOLD).map((pid) => ({ kind: 'process', pid }) as const),
  ];
  const here = selectionText(linked.selection);
  return (
    <li class={laneKey(lane)}>
      {text}
      {others
        .filter((other) => selectionText(other) !== here)
        .map((other) => (
          <button key={selectionText(other)} type="button" class="link mono" onClick={() => select(other)}>
            {selectionText(other)}
          </button>
        ))}
    </li>
  );
}

/** Of each sort; the views show all of them. */
const MOST_TOLD = 3;

/** Steps to the events that name the thing, or change the frame. */
function Watch({
  picked,
  linked,
}: {
  readonly picked: Thing;
  readonly linked: readonly Linked[] | undefined;
}) {
  const lane = Math.max(0, linked?.findIndex(({ isThere }) => isThere) ?? 0);
  const pfn = picked.kind === 'frame' ? picked.pfn : linked?.[lane]?.frames[0]?.start;
  const sought = soughtOf(picked, lane, pfn);
  if (sought === undefined) return null;
  const what =
    sought.what === 'frame'
      ? `change of frame 0x${sought.pfn.toString(16)}`
      : `event of ${selectionText(picked)}`;
  return (
    <span class="selected-watch">
      <button type="button" aria-label={`Previous ${what}`} onClick={() => void seek(sought, -1, what)}>
        ◀
      </button>
      {what}
      {sought.what === 'frame' && opened.value!.lanes.length > 1 && ` in ${opened.value!.lanes[lane]!.name}`}
      <button type="button" aria-label={`Next ${what}`} onClick={() => void seek(sought, 1, what)}>
        ▶
      </button>
    </span>
  );
}

function soughtOf(picked: Thing, lane: number, pfn: number | undefined): Sought | undefined {
  if (picked.kind === 'object')
    return { what: 'events', filter: { selection: { objects: [picked.object] } } };
  if (picked.kind === 'process')
    return { what: 'events', filter: { selection: { processes: [picked.pid] } } };
  return pfn === undefined ? undefined : { what: 'frame', lane, pfn };
}
