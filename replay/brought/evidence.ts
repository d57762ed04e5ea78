/** The files of a failing board: what each is, by its content, and what is in archives of them. */
import { looksLikeTrace, memorySource, packedData, type Source, tarEntries } from '../../traces/index.ts';
import { type Evidence, recognise, together } from '../advise/board/evidence.ts';
import { MOST_TEXT_BYTES, textUnlessLong } from '../spec/index.ts';
import { contentOf } from './content.ts';

export const OF_A_BOARD = 'a log, files of /proc or a trace';

export interface GatheredEvidence {
  readonly evidence: Evidence;
  /** Texts by the names that the evidence has for them: those from a tar are no files. */
  readonly texts: ReadonlyMap<string, string>;
  /** Traces out of an archive, by the same names. */
  readonly recordings: ReadonlyMap<string, Source>;
  /** Archives that were looked into. */
  readonly archives: readonly string[];
}

interface Gathering {
  readonly parts: Partial<Evidence>[];
  readonly texts: Map<string, string>;
  readonly recordings: Map<string, Source>;
  readonly archives: string[];
}

/** What the files are, in their order; one that is none of what is known is told as unused. */
export async function gatherEvidence(
  files: Iterable<Source> | AsyncIterable<Source>,
): Promise<GatheredEvidence> {
  const gathering: Gathering = { parts: [], texts: new Map(), recordings: new Map(), archives: [] };
  for await (const file of files) await gather(gathering, file);
  const { parts, ...gathered } = gathering;
  return { ...gathered, evidence: together(parts) };
}

/** A file that is longer than any text is not read here. */
async function gather(gathering: Gathering, file: Source): Promise<void> {
  const { name, byteLength } = file;
  if (byteLength > MOST_TEXT_BYTES) {
    gathering.parts.push({ traces: [name] });
    return;
  }
  const bytes = await contentOf(file, MOST_TEXT_BYTES, OF_A_BOARD);
  const entries = await tarEntries(bytes);
  if (entries === undefined) {
    await addBytes(gathering, name, bytes);
    return;
  }
  gathering.archives.push(name);
  for (const entry of entries) {
    const { traces } = await addBytes(gathering, entry.name, entry.content);
    if (traces !== undefined) gathering.recordings.set(entry.name, memorySource(entry.content, entry.name));
  }
}

/** Traces are read where they lie, packed or not; so is what is longer than any text, which can only be one. */
async function addBytes(
  { parts, texts }: Gathering,
  name: string,
  bytes: Uint8Array,
): Promise<Partial<Evidence>> {
  const isTrace = looksLikeTrace(bytes) || (packedData(bytes) !== undefined && /\.vmt\.\w{2,4}$/.test(name));
  const text = isTrace ? undefined : await textUnlessLong(bytes, name, OF_A_BOARD);
  const part = text === undefined ? { traces: [name] } : recognise(text, name);
  parts.push(part);
  if (text !== undefined) texts.set(name, text);
  return part;
}
