/** The page: what it shows when there is a run, and what it asks when there is none. */
import { advice, choosing } from '../state/brought.ts';
import { quizOpen } from '../state/quiz.ts';
import { busy, opened, trouble } from '../state/store.ts';
import './base.css';
import './page.css';
import { Advice } from './advice.tsx';
import { Busy } from './busy.tsx';
import { Controls } from './controls.tsx';
import { DropZone } from './drop-zone.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { ImportedReport } from './imported.tsx';
import { LaneEditor } from './lane-editor.tsx';
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
      <Busy />
      <Help />
      <LaneEditor />
      <ImportedReport />
      <DropZone />
    </div>
  );
}

function Main() {
  if (opened.value === undefined && busy.value !== undefined) return null;
  if (advice.value !== undefined && !choosing.value) return <Advice />;
  if (opened.value !== undefined && !choosing.value) return <Workbench />;
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
