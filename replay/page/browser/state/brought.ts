/** Files that a person drops or chooses: what became of them, as a run or as advice. */
import { batch, signal } from '@preact/signals';
import type { LaneSpec } from '../../../spec/index.ts';
import type { PageAdvice } from '../../engine/advise-files.ts';
import type { ImportedRun } from '../../engine/import-files.ts';
import type { PageRun } from '../../engine/protocol.ts';
import type { DroppedFile } from '../../engine/work.ts';
import { engine } from './engine.ts';
import { at, awaited, listener, openRun, selection } from './store.ts';

type Files = readonly DroppedFile[];

/** What the files tell, instead of a run. */
export const advice = signal<{ readonly told: PageAdvice; readonly files: Files } | undefined>(undefined);

interface Imported extends Pick<ImportedRun, 'lines' | 'warnings'> {
  /** To be read once more in another way. */
  readonly files: Files;
}

/** How the run that is open was imported; undefined: it was not. */
export const imported = signal<Imported | undefined>(undefined);
/** The start page over a run that is open. */
export const choosing = signal(false);

export async function bringFiles(files: Files): Promise<void> {
  if (files.length === 0) return;
  await awaited(`reading ${namesOf(files)}`, async () => {
    const brought = await engine.bring(files, listener);
    if (brought.what === 'run') return openImported(brought, files);
    batch(() => {
      choosing.value = false;
      advice.value = brought.what === 'advice' ? { told: brought.advice, files } : undefined;
    });
    return brought.what === 'lanes' ? openRun(brought.run) : undefined;
  });
}

/** The recording among them, as `import` takes it. */
export async function importRecording(
  files: Files,
  format: string | undefined,
  lanes: readonly LaneSpec[] | undefined,
): Promise<void> {
  await awaited(`importing ${namesOf(files)}`, async () =>
    openImported(await engine.importFiles(files, { format, lanes }, listener), files),
  );
}

function namesOf(dropped: Files): string {
  return dropped.map(({ name }) => name).join(', ');
}

function openImported({ run, lines, warnings }: ImportedRun, files: Files): Promise<void> {
  return openAnew(run, lines.length + warnings.length === 0 ? undefined : { lines, warnings, files });
}

/** A run of other events than before: from its first one on. */
export async function openAnew(next: PageRun, told?: Imported): Promise<void> {
  batch(() => {
    at.value = 0;
    selection.value = undefined;
    advice.value = undefined;
    choosing.value = false;
    imported.value = told;
  });
  await openRun(next);
}
