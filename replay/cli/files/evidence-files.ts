/** The files of a failing board: each by its own, a folder with all that is in it, or a tar of them. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../../core/index.ts';
import { looksLikeTrace, packedData, tarEntries } from '../../../traces/index.ts';
import { type Evidence, recognise, together } from '../../advise/index.ts';
import { MOST_TEXT_BYTES, placeOf, unpackedText } from '../../spec/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { readText } from './text-input.ts';
import { STDIN } from './trace-input.ts';

const EXPECTED = 'a log, files of /proc or a trace';
/** A folder with more is not what somebody gathered. */
const MOST_FILES = 1000;

export interface GatheredEvidence {
  readonly evidence: Evidence;
  /** Texts by the names that the evidence has for them: those from a tar are no files. */
  readonly texts: ReadonlyMap<string, string>;
  /** Traces out of an archive, by the same names. */
  readonly recordings: ReadonlyMap<string, Uint8Array>;
  /** Archives that were looked into. */
  readonly archives: readonly string[];
}

interface Gathering {
  readonly terminal: Terminal;
  readonly parts: Partial<Evidence>[];
  readonly texts: Map<string, string>;
  readonly recordings: Map<string, Uint8Array>;
  readonly archives: string[];
}

/** What the files are; one that is none of what is known is told as unused. */
export async function gatherEvidence(
  terminal: Terminal,
  paths: readonly string[],
): Promise<GatheredEvidence> {
  const gathering: Gathering = {
    terminal,
    parts: [],
    texts: new Map(),
    recordings: new Map(),
    archives: [],
  };
  for (const path of paths) await gather(gathering, path);
  const { parts, ...gathered } = gathering;
  return { ...gathered, evidence: together(parts) };
}

async function gather(gathering: Gathering, path: string): Promise<void> {
  if (path === STDIN) {
    addText(gathering, placeOf(path), await readText(gathering.terminal, path, EXPECTED));
    return;
  }
  const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      `${path}: cannot be read: ${error.code === 'ENOENT' ? 'no such file' : error.message}`,
    );
  });
  if (!status.isDirectory()) return gatherFile(gathering, path, status.size);
  const names = await readdir(path, { recursive: true });
  if (names.length > MOST_FILES)
    throw new UsageError(
      `${path}: found ${names.length} files, expected a folder with the files of one board`,
    );
  for (const name of names.sort()) {
    const file = join(path, name);
    const each = await stat(file);
    if (each.isFile()) await gatherFile(gathering, file, each.size);
  }
}

async function gatherFile(gathering: Gathering, path: string, size: number): Promise<void> {
  const bytes = size > MOST_TEXT_BYTES ? undefined : await readFile(path);
  if (bytes === undefined) {
    gathering.parts.push({ traces: [path] });
    return;
  }
  const entries = await tarEntries(bytes);
  if (entries !== undefined) {
    gathering.archives.push(path);
    for (const { name, content } of entries) {
      const { traces } = await addBytes(gathering, name, content);
      if (traces !== undefined) gathering.recordings.set(name, content);
    }
  } else await addBytes(gathering, path, bytes);
}

/** Traces are read where they lie, packed or not. */
async function addBytes(gathering: Gathering, name: string, bytes: Uint8Array): Promise<Partial<Evidence>> {
  const isTrace = looksLikeTrace(bytes) || (packedData(bytes) !== undefined && /\.vmt\.\w{2,4}$/.test(name));
  if (!isTrace) return addText(gathering, name, await unpackedText(bytes, name, EXPECTED));
  const part = { traces: [name] };
  gathering.parts.push(part);
  return part;
}

function addText({ parts, texts }: Gathering, name: string, text: string): Partial<Evidence> {
  const part = recognise(text, name);
  parts.push(part);
  texts.set(name, text);
  return part;
}
