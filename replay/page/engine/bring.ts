/** Files that were dropped: a run where they are one, and advice where they tell of a machine or a failure. */
import { adviseFiles, type PageAdvice } from './advise-files.ts';
import { type ImportedRun, importFiles } from './import-files.ts';
import { type FileKind, kindOfFile } from './kinds-of-files.ts';
import { type DroppedFile, sourceOfDropped, type Work } from './work.ts';

export type Brought =
  | ({ readonly what: 'run' } & ImportedRun)
  | { readonly what: 'advice'; readonly advice: PageAdvice };

/** Errors are those of `import` and `advise`. */
export async function bring(files: readonly DroppedFile[], work: Work): Promise<Brought> {
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
