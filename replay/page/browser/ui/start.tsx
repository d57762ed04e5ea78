/** What the page asks when it was made for no run: a workload, a worked example, or a file. */
import { catalog } from '../state/catalog.ts';
import { openRun } from '../state/store.ts';
import './start.css';

const CLASSIC = ['linux-3g1g', 'linux-2g2g', 'linux-x86_64'];

export function Start() {
  if (catalog.value === undefined) return <main class="start" />;
  const { workloads, examples } = catalog.value;
  return (
    <main class="start">
      <h2>Workloads, under 3G/1G, 2G/2G and 64 bits</h2>
      <ul>
        {workloads.map(({ name, title }) => (
          <li key={name}>
            <button
              type="button"
              class="link"
              onClick={() => void openRun({ spec: specOf(name), files: {} })}
            >
              {name}
            </button>
            : {title}
          </li>
        ))}
      </ul>
      <h2>Worked examples</h2>
      <ul>
        {examples.map(({ name, title }) => (
          <li key={name}>
            <strong>{name}</strong>: {title}
          </li>
        ))}
      </ul>
    </main>
  );
}

function specOf(workload: string): string {
  const lanes = CLASSIC.map((layout) => ({ layout }));
  return JSON.stringify({ version: 1, events: { workload }, machine: { ram: '1G' }, lanes });
}
