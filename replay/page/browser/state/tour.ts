/**
 * A worked example as a tour: its run is a list of scenes, of which the moment says which one it is, however one came there.
 * Going to a scene goes to its first event and picks it, so that every view shows what it is about.
 */
import { computed, signal } from '@preact/signals';
import type { Tour, TourScene } from '../../engine/protocol.ts';
import { openAnew } from './brought.ts';
import { catalog } from './catalog.ts';
import { at, frontPane, run, select } from './store.ts';

/** Somebody has had enough of the words. */
export const tourClosed = signal(false);

/** The example that the run is of, if it is one. */
export const tour = computed<Tour | undefined>(() => {
  if (run.value === undefined || tourClosed.value) return undefined;
  const name = workloadOf(run.value.spec);
  return catalog.value?.examples.find((example) => example.name === name);
});

function workloadOf(spec: string): string | undefined {
  const { events } = JSON.parse(spec) as { events?: { workload?: string } };
  return events?.workload;
}

/** By number, from 0 on; as many as there are scenes: the end. */
export const scene = computed(() => {
  const scenes = tour.value?.scenes ?? [];
  const beyond = scenes.findIndex(({ first, count }) => at.value < first + count);
  return beyond < 0 ? scenes.length : beyond;
});

export function startTour({ spec }: Tour): void {
  tourClosed.value = false;
  void openAnew({ spec, files: {} }).then(() => goToScene(0));
}

/** The end is one beyond the last. */
export function goToScene(number: number): void {
  const { scenes } = tour.value ?? { scenes: [] };
  const to = Math.max(0, Math.min(number, scenes.length));
  const last = scenes.at(-1);
  if (last === undefined) return;
  frontPane.value = viewOf(scenes[to]);
  select({ kind: 'event', event: scenes[to]?.first ?? last.first + last.count });
}

/** The view that shows best what an event is about; the first that a scene has decides. */
const VIEWS: readonly (readonly [kinds: RegExp, pane: string])[] = [
  [/^access$/, 'walk'],
  [/^(vmalloc|vmap|kmap|ioremap|mmap|munmap|switch)/, 'address-spaces'],
  [/^(page_|kmalloc|kfree)/, 'physical-memory'],
];

function viewOf(here: TourScene | undefined): string {
  const found = VIEWS.find(([pattern]) => here?.kinds.some((kind) => pattern.test(kind)));
  return found?.[1] ?? 'event';
}
