/** The views side by side: as many columns as there is room for, and in each the views that it has, as tabs. */
import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
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
    <main class="panes" ref={host}>
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
  const shown = panes.find(({ name }) => name === chosen.value) ?? panes[0]!;
  return (
    <section class="column">
      <div class="tabs no-print" role="tablist">
        {panes.map(({ name, title }) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={name === shown.name}
            aria-controls={`pane-${name}`}
            onClick={() => (chosen.value = name)}
          >
            {title}
          </button>
        ))}
      </div>
      <div
        class="pane"
        role="tabpanel"
        id={`pane-${shown.name}`}
        aria-labelledby={`tab-${shown.name}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a panel that scrolls is reached by keyboard
        tabIndex={0}
      >
        <shown.View />
      </div>
    </section>
  );
}
