/** What if: the lanes in a table, an option a row and a machine a column, and the same as text. */

import { useEffect, useRef } from 'preact/hooks';
import { catalog } from '../state/catalog.ts';
import {
  applyLanes,
  copyLane,
  drafts,
  editing,
  faults,
  isWrong,
  lanesAsText,
  removeLane,
  setLane,
  setText,
  trying,
} from '../state/lane-editor.ts';
import { LaneFields } from './lane-fields.tsx';
import { laneKey } from './lanes.tsx';
import './lane-editor.css';

export function LaneEditor() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = editing.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} class="lanes" aria-labelledby="lanes-title" onClose={() => (editing.value = false)}>
      {isOpen && <Editor />}
    </dialog>
  );
}

function Editor() {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void applyLanes();
      }}
    >
      <h2 id="lanes-title">What if the machine were another?</h2>
      <p class="muted">
        Each lane is a machine that the same events run through. What is left empty is as by default.
      </p>
      <div class="lanes-table">
        <table>
          <LaneHeads />
          <LaneFields />
        </table>
      </div>
      <AsText />
      <Faults lane={undefined} />
      <p class="lanes-buttons">
        <button type="submit" class="primary" disabled={trying.value || isWrong.value}>
          {trying.value ? 'Trying the machines' : 'Replay'}
        </button>
        <button type="button" onClick={() => (editing.value = false)}>
          Cancel
        </button>
        <button type="button" onClick={() => copyLane(drafts.value.length - 1)}>
          Add a lane
        </button>
      </p>
      <datalist id="layouts">
        {catalog.value?.layouts.map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </datalist>
    </form>
  );
}

function LaneHeads() {
  return (
    <thead>
      <tr>
        <th scope="col">layout</th>
        {drafts.value.map(({ layout }, lane) => (
          <td key={lane}>
            <span class={laneKey(lane)}>Lane {lane + 1}</span>
            <input
              list="layouts"
              aria-label={`Layout of lane ${lane + 1}`}
              aria-invalid={faults.value.some((fault) => fault.lane === lane && fault.field === 'layout')}
              value={layout}
              spellcheck={false}
              onFocus={({ currentTarget }) => currentTarget.select()}
              onInput={({ currentTarget }) => setLane(lane, { layout: currentTarget.value })}
            />
            <p class="muted">{catalog.value?.layouts.find(({ name }) => name === layout)?.title}</p>
            <Faults lane={lane} />
            <span class="lanes-of-one">
              <button
                type="button"
                class="link"
                aria-label={`Copy lane ${lane + 1}`}
                onClick={() => copyLane(lane)}
              >
                Copy
              </button>
              <button
                type="button"
                class="link"
                aria-label={`Remove lane ${lane + 1}`}
                disabled={drafts.value.length === 1}
                onClick={() => removeLane(lane)}
              >
                Remove
              </button>
            </span>
          </td>
        ))}
      </tr>
    </thead>
  );
}

/** What is wrong with a lane as a whole, or its layout; or with all of them. */
function Faults({ lane }: { readonly lane: number | undefined }) {
  const own = faults.value.filter(
    ({ lane: at, field }) => at === lane && (field === undefined || field === 'layout'),
  );
  return (
    <div role="status">
      {own.map(({ message }) => (
        <p key={message} class="bad">
          {message}
        </p>
      ))}
    </div>
  );
}

function AsText() {
  return (
    <label class="lanes-text">
      <span>
        The same as text, for <code>--layouts</code>
      </span>
      <textarea
        rows={2}
        spellcheck={false}
        value={lanesAsText.value}
        onInput={({ currentTarget }) => void setText(currentTarget.value)}
      />
    </label>
  );
}
