/** The views side by side: as many columns as there is room for, and in each the views that it has, as tabs. */
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { PaneContext, type PaneModels } from '../state/pane-models.ts';
import { at, frontPane, moment, opened } from '../state/store.ts';
import { CopyButton } from './copy-button.tsx';
import { Fenced } from './fenced.tsx';
import { PANES, type Pane } from './panes/index.ts';
import './panes.css';

const ONE_COLUMN = 900;
const TWO_COLUMNS = 1700;

export function Panes() {
  const host = useRef<HTMLElement>(null);
  const columns = useSignal(1);
  useEffect(() => {
    const resized = new ResizeObserver(([entry]) => (columns.value = columnsFor(entry!.contentRect.width)));
    resized.observe(host.current!);
    return () => resized.disconnect();
  }, [columns]);
  const spread = useComputed(() => spreadOver(PANES, columns.value));
  return (
    <main class="panes" ref={host} aria-busy={moment.value?.asked !== at.value}>
      {spread.value.map((panes) => (
        <Column key={panes[0]!.name} panes={panes} />
      ))}
    </main>
  );
}

function columnsFor(width: number): number {
  if (width < ONE_COLUMN) return 1;
  return width < TWO_COLUMNS ? 2 : 3;
}

/** Panes say in which of three columns they are best; with fewer, the last ones come together. */
function spreadOver(panes: readonly Pane[], columns: number): Pane[][] {
  return Array.from({ length: columns }, (_, column) =>
    panes.filter((pane) => Math.min(pane.column, columns - 1) === column),
  ).filter((column) => column.length > 0);
}

function Column({ panes }: { readonly panes: readonly Pane[] }) {
  const chosen = useSignal(panes[0]!.name);
  useSignalEffect(() => {
    const front = panes.find(({ name }) => name === frontPane.value);
    if (front !== undefined) chosen.value = front.name;
  });
  const shown = panes.find(({ name }) => name === chosen.value) ?? panes[0]!;
  const models = useMemo<PaneModels>(() => new Map(), []);
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => showTab(shown.name), [shown.name]);
  return (
    <section class="column">
      <div class="tabs no-print">
        <div class="tabs-list" role="tablist">
          {panes.map(({ name, title }) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`tab-${name}`}
              aria-selected={name === shown.name}
              tabIndex={name === shown.name ? 0 : -1}
              onKeyDown={(event) => {
                const next = neighbourOf(panes, name, event.key);
                if (next === undefined) return;
                event.preventDefault();
                chosen.value = next;
                document.getElementById(`tab-${next}`)?.focus();
              }}
              aria-controls={`pane-${name}`}
              onClick={() => (chosen.value = name)}
            >
              {title}
            </button>
          ))}
        </div>
        <span class="tabs-copy">
          <CopyButton
            text={() => panel.current?.innerText ?? ''}
            label="Copy"
            what={`${shown.title} as text`}
          />
          <CopyButton text={() => jsonOf(models)} label="JSON" what={`${shown.title} as JSON`} />
        </span>
      </div>
      <div
        ref={panel}
        class="pane"
        role="tabpanel"
        id={`pane-${shown.name}`}
        aria-labelledby={`tab-${shown.name}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a panel that scrolls is reached by keyboard
        tabIndex={0}
      >
        <PaneContext.Provider value={models}>
          <Fenced key={shown.name} what={shown.title}>
            <shown.View />
          </Fenced>
        </PaneContext.Provider>
      </div>
    </section>
  );
}

/** Where not all tabs fit, that of the view in front is among those seen; the page itself stays where it is. */
function showTab(name: string): void {
  const tab = document.getElementById(`tab-${name}`);
  const list = tab?.parentElement;
  if (tab == null || list == null) return;
  const [from, to] = [tab.offsetLeft - list.offsetLeft, tab.offsetLeft - list.offsetLeft + tab.offsetWidth];
  if (from < list.scrollLeft || to > list.scrollLeft + list.clientWidth) list.scrollLeft = from;
}

/** What the models of a pane answered, with the moment that they answered of. */
function jsonOf(models: PaneModels): string {
  const answers = [...models].map(([key, name]) => [name, moment.value?.answers[key]]);
  const { name } = opened.value!;
  return JSON.stringify({ trace: name, event: at.value, ...Object.fromEntries(answers) }, plain, 2);
}

/** JSON has neither numbers of 64 bits nor typed arrays. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value;
}

/** Arrows go from tab to tab, around the ends, as the ARIA practices have it. */
function neighbourOf(panes: readonly Pane[], name: string, key: string): string | undefined {
  const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
  if (step === 0) return undefined;
  const here = panes.findIndex((pane) => pane.name === name);
  return panes.at((here + step) % panes.length)!.name;
}
