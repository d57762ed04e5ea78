/**
 * The fragment of the page's address: moment, selection and zoom, so that a link is a finding. It follows the state, and
 * the state follows it when a person goes back, or pastes another one.
 */
import { batch, effect } from '@preact/signals';
import { parseSelection, selectionText } from '../../models/selection.ts';
import { at, goTo, opened, selection, trouble, zoom } from './store.ts';

/** `#event=88538&select=frame:0x1234&zoom=80000-90000` */
export function fragmentText(): string {
  const parts = [`event=${at.value}`];
  if (selection.value !== undefined && selection.value.kind !== 'event')
    parts.push(`select=${selectionText(selection.value)}`);
  if (zoom.value !== undefined) parts.push(`zoom=${zoom.value.map(Math.round).join('-')}`);
  return `#${parts.join('&')}`;
}

/** What a fragment says; what cannot be is told, and the rest counts. */
export function followFragment(fragment: string): void {
  const said = new URLSearchParams(fragment.replace(/^#/, ''));
  batch(() => {
    const event = said.get('event');
    if (event !== null && /^\d+$/.test(event)) goTo(Number(event));
    const picked = said.get('select');
    try {
      selection.value = picked === null ? undefined : parseSelection(picked);
    } catch (error) {
      trouble.value = `the link: ${(error as Error).message}`;
    }
    const [, from, to] = /^(\d+)-(\d+)$/.exec(said.get('zoom') ?? '') ?? [];
    zoom.value = from === undefined || Number(from) >= Number(to) ? undefined : [Number(from), Number(to)];
  });
}

/** The address bar is written once things stand still: browsers refuse more than some tens of changes a second. */
const SETTLE_MS = 300;

export function keepLink(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    if (opened.value === undefined) return;
    const fragment = fragmentText();
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (location.hash !== fragment) history.replaceState(undefined, '', fragment);
    }, SETTLE_MS);
  });
  addEventListener('hashchange', () => {
    if (opened.value !== undefined && location.hash !== fragmentText()) followFragment(location.hash);
  });
}
