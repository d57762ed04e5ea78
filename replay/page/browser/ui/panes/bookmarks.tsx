/** Moments to come back to, each with a note. */
import { bookmarks, removeBookmark, setBookmark } from '../../state/bookmarks.ts';
import { at, goTo } from '../../state/store.ts';
import { countText } from '../numbers.ts';
import './bookmarks.css';

export function Bookmarks() {
  const here = at.value;
  const isKept = bookmarks.value.some(({ event }) => event === here);
  return (
    <>
      <p>
        <button type="button" disabled={isKept} onClick={() => setBookmark(here, '')}>
          Keep event {countText(here)}
        </button>
      </p>
      {bookmarks.value.length === 0 && (
        <p class="muted">
          Nothing kept yet. The key b keeps a moment, too; a link to it is in the address bar.
        </p>
      )}
      <ul class="bookmarks">
        {bookmarks.value.map(({ event, note }) => (
          <li key={event}>
            <button type="button" class="link" aria-current={event === here} onClick={() => goTo(event)}>
              {countText(event)}
            </button>
            <input
              aria-label={`Note on event ${countText(event)}`}
              placeholder="what is to be seen there"
              value={note}
              onChange={({ currentTarget }) => setBookmark(event, currentTarget.value)}
            />
            <button
              type="button"
              class="plain"
              aria-label={`Forget event ${countText(event)}`}
              onClick={() => removeBookmark(event)}
            >
              ✕
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
