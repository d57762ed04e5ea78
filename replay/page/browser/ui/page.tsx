/** The page: what it shows when there is a run, and what it asks when there is none. */
import { busy, opened, trouble } from '../state/store.ts';
import './base.css';
import './page.css';
import { Controls } from './controls.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { Panes } from './panes.tsx';
import { Selected } from './selected.tsx';
import { Start } from './start.tsx';
import { Timeline } from './timeline.tsx';
import { Verdict } from './verdict.tsx';

export function Page() {
  return (
    <div class="page">
      <Header />
      <Trouble />
      {opened.value === undefined ? busy.value === undefined ? <Start /> : <Busy /> : <Workbench />}
      <Help />
    </div>
  );
}

function Workbench() {
  return (
    <>
      <div class="top">
        <Verdict />
        <Timeline />
        <Controls />
        <Selected />
      </div>
      <Panes />
    </>
  );
}

function Trouble() {
  if (trouble.value === undefined) return null;
  return (
    <div class="trouble" role="alert">
      <p>{trouble.value}</p>
      <button type="button" onClick={() => (trouble.value = undefined)}>
        Close
      </button>
    </div>
  );
}

function Busy() {
  const { label, done, total } = busy.value!;
  return (
    <main class="busy" aria-live="polite">
      <p>
        {label}
        {done > 0 &&
          `: ${done.toLocaleString()}${total === undefined ? '' : ` of ${total.toLocaleString()}`}`}
      </p>
      <progress {...(total === undefined || done === 0 ? {} : { value: done, max: total })} />
    </main>
  );
}
