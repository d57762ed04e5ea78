/** What the page asks when it was made for no run: a workload, a worked example, or a file. */
import { catalog } from '../state/catalog.ts';
import { quizOpen } from '../state/quiz.ts';
import { openRun } from '../state/store.ts';
import { startTour } from '../state/tour.ts';
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
      <h2>Worked examples, scene by scene</h2>
      <ul>
        {examples.map((example) => (
          <li key={example.name}>
            <button type="button" class="link" onClick={() => startTour(example)}>
              {example.name}
            </button>
            : {example.title}
          </li>
        ))}
      </ul>
      <h2>Questions, answered by a machine</h2>
      <ul>
        <li>
          <button type="button" class="link" onClick={() => (quizOpen.value = true)}>
            quiz
          </button>
          : types of addresses, page tables, __pa and __va, what fails and why, buddy, TLB, kmap
        </li>
      </ul>
    </main>
  );
}

function specOf(workload: string): string {
  const lanes = CLASSIC.map((layout) => ({ layout }));
  return JSON.stringify({ version: 1, events: { workload }, machine: { ram: '1G' }, lanes });
}
