/**
 * The state of the page, as signals: which run, which moment, what is selected. Views read them, and ask for models of the
 * moment with `useModel`; whoever picks something writes here, and all others follow.
 */
import { batch, computed, effect, signal } from '@preact/signals';
import type { FinderRequest, Found, Sought } from '../../engine/finder.ts';
import type { Moment, Opened, PageRun, PassState, Wanted } from '../../engine/protocol.ts';
import type { Selection } from '../../models/selection.ts';
import type { AxisKind } from '../ui/timeline-axis.ts';
import { engine, told } from './engine.ts';

/** The run on the page; undefined: it asks what to show. */
export const run = signal<PageRun | undefined>(undefined);
export const opened = signal<Opened | undefined>(undefined);
export const pass = signal<PassState | undefined>(undefined);

/** Where one wants to be: the number of the event that the machines meet. */
export const at = signal(0);
/** What is picked: views show their part of it. An event is picked by going there. */
export const selection = signal<Selection | undefined>(undefined);
/** What the timeline runs along. */
export const axisKind = signal<AxisKind>('events');
/** The figure that the timeline shows, by its number. */
export const figure = signal(0);
/** The stretch of events that the timeline shows; undefined: all of them. */
export const zoom = signal<[number, number] | undefined>(undefined);
/** While the pointer drags: the nearest moment at hand will do. */
export const dragging = signal(false);
/** The moment that is shown, with the answers to what views want. */
export const moment = signal<Moment | undefined>(undefined);

/** What is going on before there is something to see, and what went wrong. */
export const busy = signal<{ label: string; done: number; total: number | undefined } | undefined>(undefined);
export const trouble = signal<string | undefined>(undefined);
/** A view that is to come to the front of its column. */
export const frontPane = signal<string | undefined>(undefined);
/** The list of keys. */
export const helpOpen = signal(false);
/** What a search has to say. */
export const notice = signal<string | undefined>(undefined);
export const searching = signal(false);

/** Events of a batch as traces have them by default. */
export const BATCH_EVENTS = 16_384;

export const lastEvent = computed(() => opened.value?.events ?? 0);

/** By a key of the view: what it wants to know of the moment. */
export const wanted = signal<Readonly<Record<string, Wanted>>>({});

/** What the engine tells the page. */
export const listener = told({
  pass(state) {
    pass.value = state;
  },
  moment(next) {
    moment.value = next;
  },
  progress(label, done, total) {
    busy.value = { label, done, total };
  },
  failed(message) {
    trouble.value = message;
  },
});

let cancelled = false;

/** Ends what is awaited, before there is something to see. */
export function cancel(): void {
  cancelled = true;
  void engine.cancel();
}

/** Says that something is going on, and what went wrong; whoever cancelled it knows already. */
export async function awaited(label: string, work: () => Promise<void>): Promise<void> {
  cancelled = false;
  batch(() => {
    trouble.value = undefined;
    busy.value = { label, done: 0, total: undefined };
  });
  try {
    await work();
  } catch (error) {
    if (!cancelled) trouble.value = (error as Error).message;
  } finally {
    busy.value = undefined;
  }
}

/** Opens a run and lets the first pass begin; what was open ends, or comes back where the next one cannot be opened. */
export async function openRun(next: PageRun): Promise<void> {
  const before = opened.value === undefined ? undefined : run.value;
  await tryToOpen(next);
  if (opened.value !== undefined || before === undefined) return;
  const problem = trouble.value;
  await tryToOpen(before);
  trouble.value = problem;
}

async function tryToOpen(next: PageRun): Promise<void> {
  batch(() => {
    run.value = next;
    opened.value = undefined;
    pass.value = undefined;
    moment.value = undefined;
    zoom.value = undefined;
    notice.value = undefined;
  });
  await awaited('opening', async () => {
    const facts = await engine.open(next, listener);
    batch(() => {
      opened.value = facts;
      at.value = Math.min(at.value, facts.events);
    });
    await engine.resumePass();
  });
}

/** Every change of the moment, or of what views want, is a request; the engine drops those that are overtaken. */
effect(() => {
  if (opened.value === undefined) return;
  void engine.go({ event: at.value, wanted: wanted.value, rough: dragging.value });
});

export function goTo(event: number): void {
  at.value = Math.max(0, Math.min(Math.round(event), lastEvent.value));
}

/** Picks something; an event is gone to. */
export function select(picked: Selection | undefined): void {
  selection.value = picked;
  if (picked?.kind === 'event') goTo(picked.event);
}

export function step(by: number): void {
  goTo(at.value + by);
}

/** Searches from the moment on and goes to what is found; says so when there is none. */
export async function seek(
  sought: Sought,
  direction: FinderRequest['direction'],
  what: string,
): Promise<void> {
  notice.value = undefined;
  searching.value = true;
  try {
    const found: Found = await engine.find({ sought, from: at.value, direction });
    if (found.event === undefined)
      notice.value = `no ${direction === 1 ? 'later' : 'earlier'} ${what}${sofar()}`;
    else {
      goTo(found.event);
      notice.value = found.note;
    }
  } catch (error) {
    trouble.value = (error as Error).message;
  } finally {
    searching.value = false;
  }
}

/** Failures and differences are known as far as the first pass has come. */
function sofar(): string {
  const state = pass.value;
  if (state === undefined || state.state === 'done') return '';
  return ` among the ${state.events.toLocaleString()} events that the first pass has seen so far`;
}
