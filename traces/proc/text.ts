/**
 * The text of a /proc file, line by line, for parsers that accept what the kernel prints and nothing else.
 * Every fault names file, line, what was found and what was expected.
 */
import { ImportError } from '../base/errors.ts';

/** Where a text comes from, for messages. */
export interface ProcPlace {
  /** Default: the path under /proc or /sys. */
  readonly file?: string;
  /** Line of the file at which the text begins, when it is a section of a larger one; default 1. */
  readonly firstLine?: number;
}

const REMEDY = 'Take the file whole, as the kernel printed it';
/** Of a faulty line, this much is shown. */
const MOST_SHOWN = 60;

export class ProcText {
  private readonly lines: readonly string[];
  private readonly file: string;
  private readonly firstLine: number;
  private at = 0;

  constructor(text: string, defaultFile: string, { file = defaultFile, firstLine = 1 }: ProcPlace = {}) {
    this.lines = text.replace(/[\r\n]+$/, '').split(/\r?\n/);
    this.file = file;
    this.firstLine = firstLine;
  }

  get done(): boolean {
    return this.at >= this.lines.length;
  }

  /** The groups of the line here if it matches, and on to the next line; undefined, and no step, if not. */
  accept(pattern: RegExp): RegExpExecArray | undefined {
    const match = this.done ? null : pattern.exec(this.lines[this.at]!);
    if (match === null) return undefined;
    this.at++;
    return match;
  }

  /** The same for a line that must match; `expected` describes it to people, best by an example. */
  expect(pattern: RegExp, expected: string): RegExpExecArray {
    return this.accept(pattern) ?? this.fail(expected);
  }

  /** What `read` makes of every line that matches, from here on. */
  each<T>(pattern: RegExp, read: (match: RegExpExecArray) => T): T[] {
    const found: T[] = [];
    for (let match = this.accept(pattern); match !== undefined; match = this.accept(pattern))
      found.push(read(match));
    return found;
  }

  /** What `read` makes of the text until its end; at least one. */
  untilEnd<T>(read: () => T): T[] {
    const found = [read()];
    while (!this.done) found.push(read());
    return found;
  }

  /** A fault of the line here. */
  fail(expected: string, remedy = REMEDY): never {
    throw this.fault(this.at, expected, remedy);
  }

  /** A fault of the line that was just read. */
  reject(expected: string, remedy = REMEDY): never {
    throw this.fault(this.at - 1, expected, remedy);
  }

  private fault(at: number, expected: string, remedy: string): ImportError {
    const line = this.lines[at];
    const found = line === undefined || line === '' ? emptyLine(line) : `'${shortened(line)}'`;
    return new ImportError({ file: this.file, line: this.firstLine + at, found, expected, remedy });
  }
}

function emptyLine(line: string | undefined): string {
  return line === undefined ? 'the end of the text' : 'an empty line';
}

function shortened(line: string): string {
  return line.length <= MOST_SHOWN ? line : `${line.slice(0, MOST_SHOWN)}...`;
}

/** `  1  22   333 ` as numbers. */
export function numbersOf(text: string): number[] {
  return text.trim().split(/\s+/).map(Number);
}

/** `name value` lines by name. */
export function figuresOf(lines: ProcText, pattern: RegExp): Record<string, number> {
  return Object.fromEntries(lines.each(pattern, ([, name, value]) => [name!, Number(value)]));
}

/** Numbers right-aligned, each followed by a blank: `%<width>lu `. */
export function columns(values: readonly (number | string)[], width: number): string {
  return values.map((value) => `${String(value).padStart(width)} `).join('');
}

/** `%0<digits>llx`. */
export function hexDigits(value: bigint, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
