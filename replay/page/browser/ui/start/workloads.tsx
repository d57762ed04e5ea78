/** Synthetic workloads: opened as they are, or with other options. */
import { useSignal } from '@preact/signals';
import type { Catalog, WorkloadFacts } from '../../../engine/catalog.ts';
import { openAnew } from '../../state/brought.ts';
import { engine } from '../../state/engine.ts';
import { countText } from '../numbers.ts';
import { WorkloadForm } from './workload-form.tsx';

export function Workloads({ workloads }: Pick<Catalog, 'workloads'>) {
  const shown = useSignal<string | undefined>(undefined);
  return (
    <section class="way" aria-labelledby="way-workloads">
      <h2 id="way-workloads">Workloads</h2>
      <p class="muted">Made up from a seed, under 3G/1G, 2G/2G and 64 bits with 1 GiB of RAM each.</p>
      <ul class="way-list">
        {workloads.map((facts) => (
          <li key={facts.name}>
            <button type="button" class="way-choice" onClick={() => void openWorkload(facts)}>
              <strong>{facts.name}</strong>
              <span>{facts.title}</span>
              <span class="muted">{countText(facts.defaultEvents)} events</span>
            </button>
            <button
              type="button"
              class="link way-options"
              aria-expanded={shown.value === facts.name}
              aria-label={`Options of ${facts.name}`}
              onClick={() => (shown.value = shown.value === facts.name ? undefined : facts.name)}
            >
              Options
            </button>
            {shown.value === facts.name && <WorkloadForm facts={facts} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

async function openWorkload({ name }: WorkloadFacts): Promise<void> {
  const { run } = await engine.checkWorkload({ workload: name, seed: '', events: '', options: {} });
  await openAnew(run!);
}
