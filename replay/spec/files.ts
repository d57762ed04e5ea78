/** How a run gets at what it names: on a command line by paths, in a page by whatever the user dropped there. */
import type { Batch } from '../../core/index.ts';
import {
  type Lost,
  type Notes,
  openTrace,
  type ReadOptions,
  type Source,
  type TraceHeader,
} from '../../traces/index.ts';

/** A trace open for reading; a stream can be read once. */
export interface OpenTrace {
  /** How messages call it. */
  readonly name: string;
  readonly header: TraceHeader;
  /** What the trace says at its end: known from the start only of a file. */
  readonly notes: Notes;
  /** Undefined when it comes from a pipe. */
  readonly events: number | undefined;
  batches(fromEvent?: number, options?: ReadOptions): AsyncIterable<Batch>;
  /** What it lacks; known when the batches have ended. */
  lost(): Lost | undefined;
  close(): Promise<void> | void;
}

/** A trace, which has the source from then on: it is closed with it, or when it is no trace. */
export async function openedTrace(source: Source): Promise<OpenTrace> {
  const trace = await openTrace(source).catch(async (error: unknown) => {
    await source.close();
    throw error;
  });
  return {
    name: trace.file,
    header: trace.header,
    notes: trace.notes,
    events: trace.events,
    batches: (fromEvent, options) => trace.batches(fromEvent, options),
    lost: () => trace.lost,
    close: () => trace.close(),
  };
}

/** How the files that a run names are read: `nodeFiles` does it in Node. */
export interface RunFiles {
  /** The text of a file, unpacked if it is gzipped; `expected` is what it should hold, for messages. */
  text(path: string, expected: string): Promise<string>;
  trace(path: string): Promise<OpenTrace>;
}

/** How messages call a file; `-` is standard input. */
export function placeOf(path: string): string {
  return path === '-' ? '<stdin>' : path;
}

/** Reads each text once for all lanes: standard input comes once, and a file should not change in between. */
export function readingOnce({ text }: Pick<RunFiles, 'text'>): Pick<RunFiles, 'text'> {
  const read = new Map<string, Promise<string>>();
  return {
    text(path, expected) {
      const key = `${path}\0${expected}`; // what is one thing cannot be another too
      const known = read.get(key) ?? text(path, expected);
      read.set(key, known);
      return known;
    },
  };
}
