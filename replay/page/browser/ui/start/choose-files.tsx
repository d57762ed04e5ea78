/** Files of a person's own: where to drop them, and what they may be. */
import type { Catalog } from '../../../engine/catalog.ts';
import { bringFiles } from '../../state/brought.ts';
import { namedFile } from '../../state/drop.ts';

const KINDS = [
  ['A trace (.vmt, packed or not)', 'is opened as it is, however long'],
  ['Output of another tool', 'is imported: kernel tracepoints, strace, valgrind, heaps, lists of addresses'],
  [
    '/proc files with a recording',
    'are the memory that it begins with: zoneinfo, buddyinfo, pagetypeinfo, slabinfo',
  ],
  ['A boot log, a failure report', 'tells which machine it was, what failed and why, and what would cure it'],
  ['What vmsplit capture saved', 'is all of these in one'],
  ['A layout of your own (.json)', 'is one more lane of the run that is open'],
] as const;

export function ChooseFiles({ formats }: Pick<Catalog, 'formats'>) {
  return (
    <section class="way" aria-labelledby="way-files">
      <h2 id="way-files">Your own files</h2>
      <label class="drop-target">
        <strong>Choose files</strong>
        <span class="muted">or drop them anywhere on this page, several at once</span>
        <input
          class="hidden-label"
          type="file"
          multiple
          onChange={({ currentTarget }) => {
            void bringFiles([...(currentTarget.files ?? [])].map(namedFile));
            currentTarget.value = '';
          }}
        />
      </label>
      <dl class="kinds">
        {KINDS.map(([what, does]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd class="muted">{does}</dd>
          </div>
        ))}
      </dl>
      <details>
        <summary>All {formats.length} formats</summary>
        <dl class="kinds">
          {formats.map(({ name, title }) => (
            <div key={name}>
              <dt>
                <code>{name}</code>
              </dt>
              <dd class="muted">{title}</dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  );
}
