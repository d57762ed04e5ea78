/** Worked examples of the texts, each on the machine that it is meant for. */
import type { Catalog } from '../../../engine/catalog.ts';
import { startTour } from '../../state/tour.ts';

export function Examples({ examples }: Pick<Catalog, 'examples'>) {
  return (
    <section class="way" aria-labelledby="way-examples">
      <h2 id="way-examples">Worked examples</h2>
      <p class="muted">A few events each, as the books tell them, scene by scene.</p>
      <ul class="way-list">
        {examples.map((example) => (
          <li key={example.name}>
            <button type="button" class="way-choice" onClick={() => startTour(example)}>
              <strong>{example.name}</strong>
              <span>{example.title}</span>
              <span class="muted" title={example.source}>
                {example.source.split(',')[0]}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
