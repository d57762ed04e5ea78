/**
 * Importing text line by line: each line is an event, or ignored by a named rule that is counted, or an error with its
 * number. What a line means may depend on lines to come: a format may see some thousands of them before it says it.
 */
import { ImportError, Malformed } from '../base/errors.ts';
import { textLines } from '../text/lines.ts';
import type { BatchSink } from '../vmt/writer.ts';
import type { EventStream } from './event-stream.ts';
import type { ImportInput, ImportResult } from './importer.ts';

interface TextFormat<Line> {
  /** An importer's name. */
  readonly name: string;
  /** What a trace without any event lacks. */
  readonly wanted: string;
  /** What to do about a line that cannot be read, and about a trace without events. */
  readonly remedy: string;
  /** How many lines are parsed before the first of them is said; 0 when absent. */
  readonly ahead?: number;
  /** Throws Malformed. */
  parse(text: string): Line;
  /** Says the event of a line, or returns the rule by which there is none; throws Malformed. */
  say(line: Line): string | undefined;
}

export type LineCounts = Pick<ImportResult, 'lines' | 'ignored' | 'warnings'>;

const LETTERS_SHOWN = 160;
/** Rules may name what is in the trace, such as functions: more than these are counted together. */
const MAX_RULES = 1_000;
const OTHER_RULES = 'one of more than 1,000 rules';
/** Lines that wait hold no more text than this, however many they may be. */
const MAX_CHARACTERS_AHEAD = 0x40_0000;

/** Reads all of the input, and writes the batches that become full; the last one is the caller's to write. */
export async function importLines<Line>(
  input: ImportInput,
  output: BatchSink,
  events: EventStream,
  format: TextFormat<Line>,
): Promise<LineCounts> {
  const waiting = new WaitingLines(input.name, format);
  const warnings: string[] = [];
  for await (const { lines, cut } of textLines(input.blocks, input.name)) {
    for (const text of lines) {
      if (cut) waiting.cut();
      else waiting.add(text);
      if (events.hasFull) await events.writeFull(output);
    }
    if (cut)
      warnings.push(`line ${waiting.lines} has no end: the trace was cut there, and the line is left out`);
  }
  while (waiting.sayOne()) if (events.hasFull) await events.writeFull(output);
  if (events.said === 0) throw noEvents(input, format, waiting.lines);
  return { lines: waiting.lines, ignored: Object.fromEntries(waiting.ignored), warnings };
}

interface Waiting<Line> {
  readonly text: string;
  readonly number: number;
  readonly line: Line;
}

/** Lines that are parsed and not yet said, first come first served. */
class WaitingLines<Line> {
  lines = 0;
  readonly ignored = new Map<string, number>();
  private readonly file: string;
  private readonly format: TextFormat<Line>;
  private readonly queue: Waiting<Line>[] = [];
  /** The next to be said; what lies before it is gone. */
  private head = 0;
  private characters = 0;

  constructor(file: string, format: TextFormat<Line>) {
    this.file = file;
    this.format = format;
  }

  add(text: string): void {
    const number = ++this.lines;
    const line = this.parsed(text, number);
    this.queue.push({ text, number, line });
    this.characters += text.length;
    while (this.isFull()) this.sayOne();
  }

  /** A last line of which nobody knows how much is missing. */
  cut(): void {
    this.lines++;
    this.count('last line, cut');
  }

  /** Says the line that waits longest; false when there is none. */
  sayOne(): boolean {
    const { queue } = this;
    const waiting = queue[this.head];
    if (waiting === undefined) return false;
    this.head++;
    // what was said is let go from time to time: shifting an array each time moves all of it
    if (2 * this.head > queue.length) this.head -= queue.splice(0, this.head).length;
    const { text, number, line } = waiting;
    this.characters -= text.length;
    const rule = this.said(line, text, number);
    if (rule !== undefined) this.count(rule);
    return true;
  }

  private isFull(): boolean {
    const { ahead = 0 } = this.format;
    return this.queue.length - this.head > ahead || this.characters > MAX_CHARACTERS_AHEAD;
  }

  private count(rule: string): void {
    const counted = this.ignored.size < MAX_RULES || this.ignored.has(rule) ? rule : OTHER_RULES;
    this.ignored.set(counted, (this.ignored.get(counted) ?? 0) + 1);
  }

  private parsed(text: string, number: number): Line {
    try {
      return this.format.parse(text);
    } catch (error) {
      throw this.located(error, text, number);
    }
  }

  private said(line: Line, text: string, number: number): string | undefined {
    try {
      return this.format.say(line);
    } catch (error) {
      throw this.located(error, text, number);
    }
  }

  /** What is wrong with a line, as an error that names the place. */
  private located(error: unknown, text: string, line: number): unknown {
    if (!(error instanceof Malformed)) return error;
    const shown = text.length > LETTERS_SHOWN ? `${text.slice(0, LETTERS_SHOWN)}...` : text;
    const { file, format } = this;
    const found = JSON.stringify(shown);
    return new ImportError({ file, line, found, expected: error.expected, remedy: format.remedy });
  }
}

function noEvents<Line>(
  input: ImportInput,
  { name, wanted, remedy }: TextFormat<Line>,
  lines: number,
): ImportError {
  return new ImportError({
    file: input.name,
    found: `${lines} lines, none of them ${wanted}`,
    expected: `a trace in the format ${name}`,
    remedy,
  });
}
