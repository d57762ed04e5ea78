/** What can be wrong with a file. Every message says where, what was found, what was expected and how to mend it. */
import { UsageError } from '../../core/base/errors.ts';

interface TraceFault {
  /** Path, or `<stdin>`. */
  readonly file: string;
  /** Byte at which the faulty record begins. */
  readonly offset: number;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
}

/** A `.vmt` file that is not what it should be. */
export class TraceError extends UsageError implements TraceFault {
  override readonly name: string = 'TraceError';
  readonly file: string;
  readonly offset: number;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;

  constructor({ file, offset, found, expected, remedy }: TraceFault) {
    super(`${file}: at byte ${offset}: found ${found}, expected ${expected}. ${remedy}`);
    this.file = file;
    this.offset = offset;
    this.found = found;
    this.expected = expected;
    this.remedy = remedy;
  }
}

/** A trace written by a later vmsplit, in a format this one cannot know. */
export class NewerTraceError extends TraceError {
  override readonly name: string = 'NewerTraceError';
}

/**
 * What the decoding layers throw: they know what is wrong but not of which file. The reader, which knows
 * file and offset, turns it into a TraceError; it never leaves this folder.
 */
export class Fault extends Error {
  override readonly name: string = 'Fault';
  readonly found: string;
  readonly expected: string;

  constructor(found: string, expected: string) {
    super(`found ${found}, expected ${expected}`);
    this.found = found;
    this.expected = expected;
  }
}

/** A fault that a later vmsplit would not find. */
export class NewerFault extends Fault {
  override readonly name = 'NewerFault';
}

const RECOVER = 'Run `vmsplit recover` to keep what is whole';
const NEWER = 'It was written by a later vmsplit: use that one or a newer one';

/** Runs one step of reading; a fault in it becomes an error that names the file and the record's place. */
export function locateFaults<T>(file: string, offset: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { found, expected } = error;
    if (error instanceof NewerFault)
      throw new NewerTraceError({ file, offset, found, expected, remedy: NEWER });
    throw new TraceError({ file, offset, found, expected, remedy: RECOVER });
  }
}

interface ImportFault {
  readonly file: string;
  /** Line of the text, from 1; absent when the fault is of the file as a whole. */
  readonly line?: number;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
}

/** A foreign trace that cannot be imported. */
export class ImportError extends UsageError implements ImportFault {
  override readonly name: string = 'ImportError';
  readonly file: string;
  readonly line?: number;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;

  constructor({ file, line, found, expected, remedy }: ImportFault) {
    const place = line === undefined ? file : `${file}: line ${line}`;
    super(`${place}: found ${found}, expected ${expected}. ${remedy}`);
    this.file = file;
    if (line !== undefined) this.line = line;
    this.found = found;
    this.expected = expected;
    this.remedy = remedy;
  }
}

/**
 * What readers of lines throw at a place where something else should be: they know neither file nor line. The
 * importer, which does, turns it into an ImportError; it never leaves this folder.
 */
export class Malformed extends Error {
  override readonly name = 'Malformed';
  readonly expected: string;

  constructor(expected: string) {
    super(expected);
    this.expected = expected;
  }
}
