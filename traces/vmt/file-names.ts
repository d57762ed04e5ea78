/**
 * Names of files in the notes of a trace, under `files`: of which file, from which byte on, each file of the events is a
 * part, for an event maps a file from its beginning. Whatever stands there otherwise is no name.
 */
import type { Notes } from './format.ts';

/** A part of a file, which events know as a file of its own. */
export interface FilePart {
  /** Path; or, where nobody told it, some other word for it. */
  readonly name: string;
  readonly offset: number;
}

export const MAX_NAMED_FILES = 0x1_0000;
const MAX_PATH_LETTERS = 4096;

/** By number, from 1 on. */
export function filesIn({ files }: Notes): readonly FilePart[] {
  if (!Array.isArray(files) || files.length > MAX_NAMED_FILES) return [];
  return files.every(isFilePart) ? files : [];
}

function isFilePart(part: unknown): part is FilePart {
  if (typeof part !== 'object' || part === null) return false;
  const { name, offset } = part as Partial<FilePart>;
  const isName = typeof name === 'string' && name.length <= MAX_PATH_LETTERS;
  return isName && Number.isSafeInteger(offset) && offset! >= 0;
}
