/** What is awaited before there is something to see: how far it is, and the way to end it. */
import { busy, cancel, opened } from '../state/store.ts';
import { countText } from './numbers.ts';
import './busy.css';

/** Alone on the page, or over a run that is open. */
export function Busy() {
  if (busy.value === undefined) return null;
  const { label, done, total } = busy.value;
  return (
    <div class={opened.value === undefined ? 'busy' : 'busy busy-over'} role="status">
      <p>
        {label}
        {done > 0 && `: ${countText(done)}${total === undefined ? '' : ` of ${countText(total)}`}`}
      </p>
      <progress
        aria-label={label}
        {...(total === undefined || done === 0 ? {} : { value: done, max: total })}
      />
      <button type="button" onClick={cancel}>
        Cancel
      </button>
    </div>
  );
}
