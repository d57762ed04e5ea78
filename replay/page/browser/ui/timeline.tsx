/** The timeline: a figure of every lane over the events; failures and differences below it; and where the moment is. */
import { useComputed } from '@preact/signals';
import { engine } from '../state/engine.ts';
import { at, axisKind, figure, lastEvent, opened, pass } from '../state/store.ts';
import { bytesText, countText } from './numbers.ts';
import type { AxisKind } from './timeline-axis.ts';
import { TimelinePlot } from './timeline-plot.tsx';
import './timeline.css';

export function Timeline() {
  return (
    <section class="timeline" aria-label="Timeline">
      <div
        class="timeline-plot"
        role="slider"
        tabIndex={0}
        aria-label="Moment: the event that the machines meet next"
        aria-valuemin={0}
        aria-valuemax={lastEvent.value}
        aria-valuenow={at.value}
        aria-valuetext={`event ${countText(at.value)} of ${countText(lastEvent.value)}`}
      >
        <TimelinePlot figure={figure.value} />
      </div>
      <div class="timeline-foot no-print">
        <label>
          <span class="hidden-label">Figure of the timeline</span>
          <select
            value={figure.value}
            onChange={({ currentTarget }) => (figure.value = Number(currentTarget.value))}
          >
            {opened.value!.figures.map(({ name, doc }, i) => (
              <option key={name} value={i}>
                {doc}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span class="hidden-label">The timeline runs along</span>
          <select
            value={axisKind.value}
            onChange={({ currentTarget }) => (axisKind.value = currentTarget.value as AxisKind)}
          >
            <option value="events">over events</option>
            <option value="time">over simulated time</option>
          </select>
        </label>
        <span class="timeline-keys">
          <span class="timeline-failed">failures</span>
          <span class="timeline-differs">differences</span>
        </span>
        <PassProgress />
      </div>
    </section>
  );
}

/** How far the first pass is, and what it keeps. */
function PassProgress() {
  const text = useComputed(() => {
    const state = pass.value;
    if (state === undefined) return 'First pass: not begun';
    const { events, eventsPerSecond, keyframes } = state;
    const kept = `${countText(keyframes.count)} ${keyframes.count === 1 ? 'moment' : 'moments'} kept in ${bytesText(keyframes.bytes)}`;
    if (state.state === 'done') return `First pass done: ${kept}`;
    const share = Math.floor((100 * events) / Math.max(1, lastEvent.value));
    const seconds = Math.ceil((lastEvent.value - events) / Math.max(1, eventsPerSecond));
    const left = state.state === 'running' && eventsPerSecond > 0 ? `, ${countText(seconds)} s left` : '';
    return `First pass ${state.state === 'running' ? '' : 'stopped at '}${share} %${left}: ${kept}`;
  });
  const state = pass.value?.state;
  return (
    <span class="timeline-pass muted">
      {text}{' '}
      {state === 'running' && (
        <button type="button" onClick={() => void engine.stopPass()}>
          Stop
        </button>
      )}
      {state === 'stopped' && (
        <button type="button" onClick={() => void engine.resumePass()}>
          Go on
        </button>
      )}
    </span>
  );
}
