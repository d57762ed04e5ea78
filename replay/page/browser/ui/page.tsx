/** The page: what it shows when there is a run, and what it asks when there is none. */
import { quizOpen } from '../state/quiz.ts';
import { busy, opened, trouble } from '../state/store.ts';
import './base.css';
import './page.css';
import { Controls } from './controls.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { Panes } from './panes.tsx';
import { QuizPage } from './quiz/quiz-pane.tsx';
import { Selected } from './selected.tsx';
import { Start } from './start.tsx';
import { Timeline } from './timeline.tsx';
import { TourBar } from './tour.tsx';
import { Verdict } from './verdict.tsx';

export function Page() {
  return (
    <div class="page">
      <Header />
      <Trouble />
      <Main />
      <Help />
    </div>
  );
}

function Main() {
  if (opened.value !== undefined) return <Workbench />;
  if (busy.value !== undefined) return <Busy />;
  return quizOpen.value ? <QuizPage /> : <Start />;
}

function Workbench() {
  return (
    <>
      <div class="top">
        <TourBar />
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
