/**
 * Importing text line by line: each line is an event, or ignored by a named rule that is counted, or an error with its
 * number.
 */
import { ImportError, Malformed } from '../base/errors.ts';
import { textLines } from '../text/lines.ts';
import type { BatchSink } from '../vmt/writer.ts';
import type { EventStream } from './event-stream.ts';
import type { ImportInput, ImportResult } from './importer.ts';

interface TextFormat {
  /** An importer's name. */
  readonly name: string;
  /** What a trace without any event lacks. */
  readonly wanted: string;
  /** What to do about a line that cannot be read, and about a trace without events. */
  readonly remedy: string;
}

/** Says the event of a line, or returns the rule by which there is none; throws Malformed. */
type SayLine = (line: string) => string | undefined;

export type LineCounts = Pick<ImportResult, 'lines' | 'ignored' | 'warnings'>;

const LETTERS_SHOWN = 160;

/** Reads all of the input, and writes the batches that become full; the last one is the caller's to write. */
export async function importLines(
  input: ImportInput,
  output: BatchSink,
  events: EventStream,
  format: TextFormat,
  say: SayLine,
): Promise<LineCounts> {
  const ignored: Record<string, number> = {};
  const warnings: string[] = [];
  let count = 0;
  for await (const { lines, cut } of textLines(input.blocks, input.name)) {
    for (const line of lines) {
      count++;
      const rule = cut ? 'last line, cut' : sayLine(input, format, say, line, count);
      if (rule !== undefined) ignored[rule] = (ignored[rule] ?? 0) + 1;
    }
    if (cut) warnings.push(`line ${count} has no end: the trace was cut there, and the line is left out`);
    await events.writeFull(output);
  }
  if (events.said === 0) throw noEvents(input, format, count);
  return { lines: count, ignored, warnings };
}

function sayLine({ name }: ImportInput, { remedy }: TextFormat, say: SayLine, text: string, line: number) {
  try {
    return say(text);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const shown = text.length > LETTERS_SHOWN ? `${text.slice(0, LETTERS_SHOWN)}...` : text;
    throw new ImportError({
      file: name,
      line,
      found: JSON.stringify(shown),
      expected: error.expected,
      remedy,
    });
  }
}

function noEvents(input: ImportInput, { name, wanted, remedy }: TextFormat, lines: number): ImportError {
  return new ImportError({
    file: input.name,
    found: `${lines} lines, none of them ${wanted}`,
    expected: `a trace in the format ${name}`,
    remedy,
  });
}
