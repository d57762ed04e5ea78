/** What an importer is, and what it reports. */

import type { OnProgress } from '../io/source.ts';
import type { Notes, ReferenceCounts } from '../vmt/format.ts';
import type { BatchSink } from '../vmt/writer.ts';

export interface ImportInput {
  /** Path, or `<stdin>`; only for messages. */
  readonly name: string;
  readonly blocks: AsyncIterable<Uint8Array>;
}

export interface ImportOptions {
  readonly onProgress?: OnProgress | undefined;
}

export interface ImportResult {
  /** The importer's name. */
  readonly format: string;
  readonly lines: number;
  readonly events: number;
  readonly references: ReferenceCounts;
  /** Lines that are an event; all others are ignored. */
  readonly eventLines: number;
  /** Lines that are no event, by the name of the rule that says so. */
  readonly ignored: Readonly<Record<string, number>>;
  /** Events that no line says but that follow from several, by rule: `events` less these are `eventLines`. */
  readonly implied: Readonly<Record<string, number>>;
  /** Lines that are another event than their name says, by rule. */
  readonly changed?: Readonly<Record<string, number>>;
  /** Events that the recorder says it lost. */
  readonly lostEvents?: number;
  readonly processes: number;
  /** What the user should know: cut input, counts that do not agree. */
  readonly warnings: readonly string[];
  /** What the trace should say of itself, known at its end only. */
  readonly notes?: Notes;
}

export interface Importer {
  readonly name: string;
  /** A line for people. */
  readonly describe: string;
  /** Whether a file that begins with these bytes (some thousands) looks like this format. */
  sniff(firstBytes: Uint8Array): boolean;
  /** Reads all of the input. Writes to the output come one at a time, each awaited. */
  import(input: ImportInput, output: BatchSink): Promise<ImportResult>;
}
