/** What the page shows when it was made for no run, or a person wants another one: files, workloads, worked examples. */

import { choosing } from '../state/brought.ts';
import { catalog } from '../state/catalog.ts';
import { opened } from '../state/store.ts';
import { ChooseFiles } from './start/choose-files.tsx';
import { Examples } from './start/examples.tsx';
import { Quiz } from './start/quiz.tsx';
import { Workloads } from './start/workloads.tsx';
import './start.css';

export function Start() {
  const known = catalog.value;
  return (
    <main class="start">
      <div class="start-intro">
        <h2>The same events, on another address space</h2>
        <p>
          A 32-bit kernel has 1 GB of addresses for all of RAM, its own data, vmalloc, kmap and devices. This
          page replays recorded or made-up events (allocations, mappings, accesses, DMA) on simulated Linux
          machines of several layouts at once, goes to any moment of them, and tells where they part and why.
        </p>
        <p class="muted">
          The simulator is in this file: nothing is sent anywhere, and no network is needed. New to this?
          Begin with a worked example.
        </p>
        {opened.value !== undefined && (
          <button type="button" onClick={() => (choosing.value = false)}>
            Back to {opened.value.name}
          </button>
        )}
      </div>
      {known === undefined ? (
        <p class="muted">The engine starts.</p>
      ) : (
        <div class="start-ways">
          <ChooseFiles formats={known.formats} />
          <Workloads workloads={known.workloads} />
          <div class="way-column">
            <Examples examples={known.examples} />
            <Quiz />
          </div>
        </div>
      )}
    </main>
  );
}
