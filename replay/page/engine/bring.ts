/** Files that were dropped: a run where they are one, and advice where they tell of a machine or a failure. */
import { adviseFiles, type PageAdvice } from './advise-files.ts';
import { type ImportedRun, importFiles } from './import-files.ts';
import { type FileKind, kindOfFile } from './kinds-of-files.ts';
import { isLayoutFile, runWithLayouts } from './layout-files.ts';
import type { PageRun } from './protocol.ts';
import { type DroppedFile, sourceOfDropped, type Work } from './work.ts';

export type Brought =
  | ({ readonly what: 'run' } & ImportedRun)
  | { readonly what: 'advice'; readonly advice: PageAdvice }
  /** The run that is open, with other lanes; or another one, where none is. */
  | { readonly what: 'lanes'; readonly run: PageRun };

/** Errors are those of `import` and `advise`. @param open the run that is */
export async function bring(
  files: readonly DroppedFile[],
  open: PageRun | undefined,
  work: Work,
): Promise<Brought> {
  if (files.every(isLayoutFile)) return { what: 'lanes', run: await runWithLayouts(files, open, work) };
  const kinds: FileKind[] = [];
  for (const file of files) kinds.push(await kindOfFile(sourceOfDropped(file, work)));
  if (isRun(kinds)) return { what: 'run', ...(await importFiles(files, {}, work)) };
  const advice = await adviseFiles(files, work);
  if (tellsSomething(advice)) return { what: 'advice', advice };
  return { what: 'run', ...(await importFiles(files, {}, work)) }; // which says what it expects
}

/** A trace of ours alone, several of them, which is an error, or recordings with nothing but /proc files beside them. */
function isRun(kinds: readonly FileKind[]): boolean {
  const has = (kind: FileKind): boolean => kinds.includes(kind);
  if (kinds.every((kind) => kind === 'trace')) return true;
  return has('recording') && !has('log') && !has('archive') && !has('trace');
}

function tellsSomething({ files, advice, recording }: PageAdvice): boolean {
  return recording !== undefined || advice.unused.length < files.length;
}
