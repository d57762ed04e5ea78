/** What an importer is, and what it reports. */

import type { OnProgress } from '../io/source.ts';
import type { AreaCallers } from '../proc/area-callers.ts';
import type { Evidence, TraceHead } from '../text/evidence.ts';
import type { Notes, ReferenceCounts } from '../vmt/format.ts';
import type { BatchSink } from '../vmt/writer.ts';
import type { FormatChoice } from './choice.ts';
import type { ProgramImages } from './program-image.ts';

export interface ImportInput {
  /** Path, or `<stdin>`; only for messages. */
  readonly name: string;
  readonly blocks: AsyncIterable<Uint8Array>;
  /** Of the traced kernel, after the trace. */
  readonly callers?: AreaCallers | undefined;
  /** Other files of the same run, which tell what this one does not. */
  readonly beside?: readonly BesideText[] | undefined;
  /** What execve maps, by the files of programs. */
  readonly programs?: ProgramImages | undefined;
}

export interface BesideText {
  readonly name: string;
  readonly text: string;
}

/** How an import tells how far it is. */
export interface ImportOptions {
  readonly onProgress?: OnProgress | undefined;
}

/** What an import has read and made. */
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
  /** Of heaps: page faults at least, those of malloc itself, and at most, if the program touches all that it asks for. */
  readonly heapPages?: { readonly least: number; readonly most: number };
  /** Of a heap: the machine whose malloc it is, for people. */
  readonly heapMachine?: string;
  /** Events that the recorder says it lost. */
  readonly lostEvents?: number;
  readonly processes: number;
  /** What the user should know: cut input, counts that do not agree. */
  readonly warnings: readonly string[];
  /** Programs of which the files say what execve maps, with how often. */
  readonly images?: Readonly<Record<string, number>>;
  /** What the trace should say of itself, known at its end only. */
  readonly notes?: Notes;
}

/** The result of importing a file, with how its format was found. */
export interface ImportedTrace extends ImportResult {
  readonly choice: FormatChoice;
}

export interface Importer {
  readonly name: string;
  /** A line for people. */
  readonly describe: string;
  /** How lines look, for people: an example or a rule each, in a few lines. */
  readonly grammar: readonly string[];
  /** What the beginning of a file says for this format. */
  sniff(head: TraceHead): Evidence;
  /** Whether lines ignored by this rule are none of the format; those of UNRECOGNISED when absent. */
  isUnrecognised?(rule: string): boolean;
  /** Reads all of the input. Writes to the output come one at a time, each awaited. */
  import(input: ImportInput, output: BatchSink): Promise<ImportResult>;
}
