/** Files that a person drops or chooses: what became of them, as a run or as advice. */
import { batch, signal } from '@preact/signals';
import type { LaneSpec } from '../../../spec/index.ts';
import type { PageAdvice } from '../../engine/advise-files.ts';
import type { ImportedRun } from '../../engine/import-files.ts';
import type { PageRun } from '../../engine/protocol.ts';
import type { DroppedFile } from '../../engine/work.ts';
import { engine } from './engine.ts';
import { at, awaited, listener, openRun, selection } from './store.ts';

/** What the files tell, instead of a run. */
export const advice = signal<PageAdvice | undefined>(undefined);
/** How the run that is open was imported; undefined: it was not. */
export const imported = signal<Pick<ImportedRun, 'lines' | 'warnings'> | undefined>(undefined);
/** The start page over a run that is open. */
export const choosing = signal(false);

/** Those of the last time, to be read once more in another way. */
let files: readonly DroppedFile[] = [];

export async function bringFiles(dropped: readonly DroppedFile[]): Promise<void> {
  if (dropped.length === 0) return;
  files = dropped;
  await awaited(`reading ${namesOf(dropped)}`, async () => {
    const brought = await engine.bring(dropped, listener);
    if (brought.what === 'run') return openImported(brought);
    batch(() => {
      advice.value = brought.advice;
      choosing.value = false;
    });
    return undefined;
  });
}

/** The recording among them, as `import` takes it. */
export async function importRecording(
  format: string | undefined,
  lanes: readonly LaneSpec[] | undefined,
): Promise<void> {
  await awaited(`importing ${namesOf(files)}`, async () =>
    openImported(await engine.importFiles(files, { format, lanes }, listener)),
  );
}

function namesOf(dropped: readonly DroppedFile[]): string {
  return dropped.map(({ name }) => name).join(', ');
}

function openImported({ run, lines, warnings }: ImportedRun): Promise<void> {
  return openAnew(run, lines.length === 0 ? undefined : { lines, warnings });
}

/** A run of other events than before: from its first one on. */
export async function openAnew(next: PageRun, told?: typeof imported.value): Promise<void> {
  batch(() => {
    at.value = 0;
    selection.value = undefined;
    advice.value = undefined;
    choosing.value = false;
    imported.value = told;
  });
  await openRun(next);
}
