/** Which events the list shows: by text, by kind, by what became of them, by what is selected. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { EventFilter } from '../../../engine/filter.ts';
import type { Selection } from '../../../models/selection.ts';
import { catalog } from '../../state/catalog.ts';
import { filter } from '../../state/filter.ts';
import { opened, selection } from '../../state/store.ts';

/** Nobody wants a search for each letter. */
const TYPING_MS = 250;

export function EventFilterBar() {
  const text = useSignal(filter.value?.text ?? '');
  const kind = useSignal('');
  const outcome = useSignal<'' | 'failure' | 'difference'>('');
  const ofSelected = useSignal(false);
  const picked = ofSelected.value ? pickedBy(selection.value) : undefined;
  const wanted = filterOf(text.value, kind.value, outcome.value, picked);
  const asText = JSON.stringify(wanted);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (JSON.stringify(filter.value) !== asText) filter.value = wanted;
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [asText]);
  return (
    <search class="events-filter no-print">
      <input
        type="search"
        placeholder="Search events"
        aria-label="Text of events"
        value={text.value}
        onInput={({ currentTarget }) => (text.value = currentTarget.value)}
      />
      <select
        aria-label="Kind of events"
        value={kind.value}
        onChange={({ currentTarget }) => (kind.value = currentTarget.value)}
      >
        <option value="">all kinds</option>
        {catalog.value?.kinds.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <select
        aria-label="Outcome of events"
        value={outcome.value}
        onChange={({ currentTarget }) => (outcome.value = currentTarget.value as typeof outcome.value)}
      >
        <option value="">all outcomes</option>
        <option value="failure">failures</option>
        {opened.value!.lanes.length > 1 && <option value="difference">differences</option>}
      </select>
      {pickedBy(selection.value) !== undefined && (
        <label>
          <input
            type="checkbox"
            checked={ofSelected.value}
            onChange={({ currentTarget }) => (ofSelected.value = currentTarget.checked)}
          />{' '}
          of what is selected
        </label>
      )}
    </search>
  );
}

/** Events that name what is selected; of frames and addresses none do. */
function pickedBy(selected: Selection | undefined): EventFilter['selection'] {
  if (selected?.kind === 'object') return { objects: [selected.object] };
  return selected?.kind === 'process' ? { processes: [selected.pid] } : undefined;
}

function filterOf(
  text: string,
  kind: string,
  outcome: '' | 'failure' | 'difference',
  picked: EventFilter['selection'],
): EventFilter | undefined {
  if (text === '' && kind === '' && outcome === '' && picked === undefined) return undefined;
  const kinds = kind === '' ? {} : { kinds: [kind as never] };
  return {
    ...(text !== '' && { text }),
    ...(outcome !== '' && { outcome }),
    ...((kind !== '' || picked !== undefined) && { selection: { ...kinds, ...picked } }),
  };
}
