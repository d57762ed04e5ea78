/** The keyboard: every key of the page, and what it does. Fields that are typed into keep theirs. */
import { setBookmark } from '../state/bookmarks.ts';
import { choosing } from '../state/brought.ts';
import { editLanes } from '../state/lane-editor.ts';
import { at, BATCH_EVENTS, goTo, helpOpen, lastEvent, opened, seek, select, step } from '../state/store.ts';
import { nextTheme } from '../state/theme.ts';
import { goToScene, scene } from '../state/tour.ts';

interface Keys {
  /** As people know them. */
  readonly name: string;
  readonly does: string;
  /** Also when there is no run. */
  readonly always?: true;
  /** By `KeyboardEvent.key`, with `Shift+` before it where that counts. */
  readonly act: Readonly<Record<string, () => void>>;
}

const seekAll = (what: 'failure' | 'difference', direction: 1 | -1) => () =>
  void seek({ what }, direction, what);

export const KEYS: readonly Keys[] = [
  {
    name: '← →',
    does: 'back or on an event',
    act: { ArrowLeft: () => step(-1), ArrowRight: () => step(1) },
  },
  {
    name: 'Shift ← →',
    does: 'back or on a batch',
    act: { 'Shift+ArrowLeft': () => step(-BATCH_EVENTS), 'Shift+ArrowRight': () => step(BATCH_EVENTS) },
  },
  {
    name: 'Home End',
    does: 'to the start or the end',
    act: { Home: () => goTo(0), End: () => goTo(lastEvent.value) },
  },
  {
    name: 'f F',
    does: 'next or previous failure',
    act: { f: seekAll('failure', 1), 'Shift+F': seekAll('failure', -1) },
  },
  {
    name: 'd D',
    does: 'next or previous difference',
    act: { d: seekAll('difference', 1), 'Shift+D': seekAll('difference', -1) },
  },
  {
    name: 'b',
    does: 'keep this moment as a bookmark',
    act: { b: () => setBookmark(at.value, '') },
  },
  {
    name: '/',
    does: 'pick an event, address, frame, object or process',
    act: { '/': () => document.getElementById('pick')?.focus() },
  },
  {
    name: 'n p',
    does: 'next or previous scene of a tour',
    act: { n: () => goToScene(scene.value + 1), p: () => goToScene(scene.value - 1) },
  },
  { name: 'w', does: 'what if: other machines', act: { w: () => void editLanes() } },
  { name: 'o', does: 'open something else', act: { o: () => (choosing.value = true) } },
  { name: 'Esc', does: 'select nothing', act: { Escape: () => select(undefined) } },
  { name: 't', does: 'system, light or dark colours', always: true, act: { t: nextTheme } },
  {
    name: '?',
    does: 'this list',
    always: true,
    act: { '?': toggleHelp, 'Shift+?': toggleHelp },
  },
];

function toggleHelp(): void {
  helpOpen.value = !helpOpen.value;
}

export function listenToKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTypedInto(event.target)) return;
    const pressed = `${event.shiftKey ? 'Shift+' : ''}${event.key}`;
    const found = KEYS.find(
      ({ act, always }) => act[pressed] !== undefined && (always || opened.value !== undefined),
    );
    if (found === undefined) return;
    event.preventDefault();
    found.act[pressed]!();
  });
}

function isTypedInto(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, select, textarea, [role="tab"], dialog *');
}
