/** Moments to come back to. They stay in this browser, by the name of what is open, as far as it keeps anything. */
import { effect, signal } from '@preact/signals';
import { opened } from './store.ts';

export interface Bookmark {
  readonly event: number;
  readonly note: string;
}

/** Ascending by event, one for each. */
export const bookmarks = signal<readonly Bookmark[]>([]);

const keyOf = (name: string): string => `vmsplit bookmarks of ${name}`;

export function setBookmark(event: number, note: string): void {
  const others = bookmarks.value.filter((known) => known.event !== event);
  keep([...others, { event, note }].sort((a, b) => a.event - b.event));
}

export function removeBookmark(event: number): void {
  keep(bookmarks.value.filter((known) => known.event !== event));
}

function keep(next: readonly Bookmark[]): void {
  bookmarks.value = next;
  const name = opened.value?.name;
  // A page from disk, or a browser that keeps nothing, may have no storage: then they last as long as the page.
  if (name !== undefined) withStorage((storage) => storage.setItem(keyOf(name), JSON.stringify(next)));
}

effect(() => {
  const name = opened.value?.name;
  if (name !== undefined)
    withStorage((storage) => {
      bookmarks.value = JSON.parse(storage.getItem(keyOf(name)) ?? '[]') as Bookmark[];
    });
});

function withStorage(use: (storage: Storage) => void): void {
  try {
    use(localStorage);
  } catch {}
}
