/** What a log, a failure report, files of /proc or a capture tell: the failure and its cures, the machine, what to bring. */
import type { PageAdvice } from '../../engine/advise-files.ts';
import { advice, importRecording, openAnew } from '../state/brought.ts';
import { opened } from '../state/store.ts';
import './advice.css';
import { Board } from './advice/board.tsx';
import { Cures } from './advice/cures.tsx';
import { Failure } from './advice/failure.tsx';
import { Machines } from './advice/machines.tsx';
import { Command } from './command.tsx';
import { CopyButton } from './copy-button.tsx';

export function Advice() {
  const { told } = advice.value!;
  const { files, advice: found } = told;
  return (
    <main class="advice">
      <header class="advice-head">
        <h2>{files.join(', ')}</h2>
        <Actions told={told} />
      </header>
      <div class="advice-columns">
        <div>
          <Failure found={found} />
          <Cures found={found} />
          <Machines machines={told.machines} open={found.line === null} />
        </div>
        <div>
          <Board found={found} />
          <Missing found={found} />
          <Notes found={found} />
          {found.commands.length > 0 && (
            <section>
              <h3>The same in a terminal</h3>
              {found.commands.map((line) => (
                <Command key={line} line={line} />
              ))}
            </section>
          )}
        </div>
      </div>
    </main>
  );
}

function Actions({
  told: { stateRun, machineRun, recording, text, advice: found },
}: {
  readonly told: PageAdvice;
}) {
  return (
    <div class="advice-actions no-print">
      {stateRun !== undefined && (
        <button type="button" class="primary" onClick={() => void openAnew(stateRun)}>
          Open the state it failed in
        </button>
      )}
      {recording !== undefined && (
        <button
          type="button"
          class={stateRun === undefined ? 'primary' : undefined}
          onClick={() => void importRecording(advice.value!.files, undefined, recording.lanes)}
        >
          Open the recording
        </button>
      )}
      {machineRun !== undefined && recording === undefined && (
        <button type="button" class="primary" onClick={() => void openAnew(machineRun)}>
          Run a workload on this machine
        </button>
      )}
      <CopyButton text={() => text} label="Copy as text" what="as text" />
      <CopyButton text={() => JSON.stringify(found, undefined, 2)} label="Copy as JSON" what="as JSON" />
      <button type="button" onClick={() => (advice.value = undefined)}>
        {opened.value === undefined ? 'Back' : `Back to ${opened.value.name}`}
      </button>
    </div>
  );
}

export type Found = PageAdvice['advice'];

function Missing({ found: { missing } }: { readonly found: Found }) {
  if (missing.length === 0) return null;
  return (
    <section>
      <h3>What would tell more</h3>
      {missing.map(({ what, tells, command }) => (
        <div key={what} class="advice-missing">
          <p>
            <strong>{what}</strong>: {tells}
          </p>
          <p>
            <code>{command}</code>
          </p>
        </div>
      ))}
    </section>
  );
}

function Notes({ found: { notes, unused } }: { readonly found: Found }) {
  const all = [...notes, ...unused.map((file) => `${file} says nothing that is used here`)];
  if (all.length === 0) return null;
  return (
    <section>
      <h3>To be known</h3>
      <ul class="advice-notes">
        {all.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </section>
  );
}
