/** The verdict: what came of the run, in plain words; where to look; the commands that tell the same in a terminal. */
import { useState } from 'preact/hooks';
import { goTo, opened, pass } from '../state/store.ts';
import './verdict.css';
import { Command } from './command.tsx';
import { countText } from './numbers.ts';

export function Verdict() {
  const [whole, setWhole] = useState(false);
  const state = pass.value;
  if (state === undefined || state.events === 0) return <p class="verdict muted">The first pass begins.</p>;
  const { kind, headline, detail, event, commands } = state.verdict;
  const { lost } = opened.value!;
  return (
    <section class={`verdict verdict-${kind}`} aria-label="Verdict">
      <p class="verdict-line">
        <span class="verdict-mark" aria-hidden="true">
          {MARKS[kind]}
        </span>
        <strong>{headline}</strong>
        {event !== undefined && (
          <button type="button" class="link" onClick={() => goTo(event)}>
            Go to event {countText(event)}
          </button>
        )}
        <button type="button" class="link" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? 'Less' : 'Why'}
        </button>
      </p>
      {lost !== undefined && <p class="bad">The trace is not whole: {lost}</p>}
      {whole && (
        <div class="verdict-why">
          {detail.split('\n').map((line) => (
            <p key={line}>{line}</p>
          ))}
          {commands.map((command) => (
            <Command key={command} line={command} />
          ))}
        </div>
      )}
    </section>
  );
}

const MARKS = { fine: '✓', failed: '✗', differ: '≠' };
