/**
 * The fragment of the page's address: moment, selection, zoom, and the lanes if they are not those that the run came with,
 * so that a link is a finding. It follows the state, and the state follows it when a person goes back, or pastes another
 * one.
 */
import { batch, computed, effect, signal } from '@preact/signals';
import { parseSelection, selectionText } from '../../models/selection.ts';
import { engine } from './engine.ts';
import { at, goTo, opened, openRun, selection, trouble, zoom } from './store.ts';

const lanes = computed(() => opened.value?.lanes.map(({ text }) => text).join(',') ?? '');

/** What was opened, and the lanes that it came with. */
const own = signal({ name: '', lanes: '' });
effect(() => {
  if (opened.value === undefined) return;
  const { name } = opened.value;
  if (name !== own.peek().name) own.value = { name, lanes: lanes.value };
});

/** `#event=88538&lanes=linux-3g1g:ram=2G&select=frame:0x1234&zoom=80000-90000` */
export function fragmentText(): string {
  const parts = [`event=${at.value}`];
  if (lanes.value !== own.value.lanes) parts.push(`lanes=${lanes.value}`);
  if (selection.value !== undefined && selection.value.kind !== 'event')
    parts.push(`select=${selectionText(selection.value)}`);
  if (zoom.value !== undefined) parts.push(`zoom=${zoom.value.map(Math.round).join('-')}`);
  return `#${parts.join('&')}`;
}

/** What a fragment says; what cannot be is told, and the rest counts. */
export async function followFragment(fragment: string): Promise<void> {
  // A plus stands for itself here: lanes have them between settings of an MMU.
  const said = new URLSearchParams(fragment.replace(/^#/, '').replaceAll('+', '%2B'));
  await followLanes(said.get('lanes') ?? own.value.lanes);
  batch(() => {
    const event = said.get('event');
    if (event !== null && /^\d+$/.test(event)) goTo(Number(event));
    followSelection(said.get('select'));
    const [, from, to] = /^(\d+)-(\d+)$/.exec(said.get('zoom') ?? '') ?? [];
    zoom.value = from === undefined || Number(from) >= Number(to) ? undefined : [Number(from), Number(to)];
  });
}

async function followLanes(wanted: string): Promise<void> {
  if (wanted === lanes.value) return;
  const { run, faults } = await engine.checkLanes(wanted, true);
  if (run !== undefined) await openRun(run);
  else trouble.value = `the link: lanes=${wanted}: ${faults.map(({ message }) => message).join('; ')}`;
}

function followSelection(picked: string | null): void {
  try {
    selection.value = picked === null ? undefined : parseSelection(picked);
  } catch (error) {
    trouble.value = `the link: ${(error as Error).message}`;
  }
}

/** The address bar is written once things stand still: browsers refuse more than some tens of changes a second. */
const SETTLE_MS = 300;

/** From here on: a link that the page was opened by is followed first. */
export function keepLink(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    clearTimeout(timer);
    if (opened.value === undefined) return;
    const fragment = fragmentText();
    timer = setTimeout(() => {
      if (location.hash !== fragment) history.replaceState(undefined, '', fragment);
    }, SETTLE_MS);
  });
  // By what the event says: what was about to be written may have been since, over the link.
  addEventListener('hashchange', ({ newURL }) => {
    const { hash } = new URL(newURL);
    if (opened.value !== undefined && hash !== fragmentText()) void followFragment(hash);
  });
}
