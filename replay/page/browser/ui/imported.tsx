/** How the run that is open was imported, in the words of `vmsplit import`; and the way to read it as another format. */

import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { imported, importRecording } from '../state/brought.ts';
import { catalog } from '../state/catalog.ts';
import './imported.css';

const shown = signal(false);

/** Warnings are told before anybody asks. */
export function ImportedButton() {
  const told = imported.value;
  if (told === undefined) return null;
  const { length } = told.warnings;
  return (
    <button type="button" class="plain" onClick={() => (shown.value = true)}>
      {length === 0 ? (
        'Import'
      ) : (
        <span class="bad">Import: {length === 1 ? '1 warning' : `${length} warnings`}</span>
      )}
    </button>
  );
}

export function ImportedReport() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = shown.value && imported.value !== undefined;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} aria-labelledby="imported-title" onClose={() => (shown.value = false)}>
      {isOpen && <Report />}
    </dialog>
  );
}

function Report() {
  const { lines, warnings, files } = imported.value!;
  return (
    <form method="dialog" class="imported">
      <h2 id="imported-title">How it was imported</h2>
      {warnings.map((warning) => (
        <p key={warning} class="bad">
          {warning}
        </p>
      ))}
      <pre>{lines.join('\n')}</pre>
      <label>
        Read it as another format{' '}
        <select
          value=""
          onChange={({ currentTarget }) => {
            shown.value = false;
            void importRecording(files, currentTarget.value, undefined);
          }}
        >
          <option value="">as it was found</option>
          {catalog.value?.formats.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <p>
        <button type="submit">Close</button>
      </p>
    </form>
  );
}
