/**
 * Where a command reads and writes. Only this file, and the progress bar it starts, write to the streams; so here, and
 * nowhere else, text is made safe for terminals, be it shown now or from a file later.
 */
import { addAbortSignal, type Readable, type Writable } from 'node:stream';
import colors from 'picocolors';
import { UsageError } from '../../../core/base/errors.ts';
import { printable, printableLines } from '../../../core/base/printable.ts';
import type { Progress, StartProgress } from './progress.ts';

const SILENT: Progress = { update() {}, stop() {} };

/** A stream that may be a terminal. */
interface Output extends Writable {
  readonly isTTY?: boolean;
  /** How wide the terminal is. */
  readonly columns?: number;
}
export interface Input extends Readable {
  readonly isTTY?: boolean;
}

/** What a process has; tests bring their own. */
export interface Streams {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Words of the command line with controls in them, and the parts that messages tell of them. */
  readonly unprintableWords?: readonly string[];
  /** Aborted by Ctrl-C; its reason is an Interrupted. */
  readonly signal: AbortSignal;
}

export class Terminal {
  readonly signal: AbortSignal;
  /** Colours for stdout: none unless it is a terminal, and none if NO_COLOR is set (no-color.org). */
  readonly colors: ReturnType<typeof colors.createColors>;
  exitCode = 0;
  private readonly streams: Streams;
  private readonly inputs: Input[] = [];
  private stdinTaken = false;
  private stdoutTaken = false;
  private writeFailure: Error | undefined;
  private readerGone: Error | undefined;
  private startBar: StartProgress | undefined;

  constructor(streams: Streams) {
    this.streams = streams;
    this.signal = streams.signal;
    const { NO_COLOR, TERM } = streams.env;
    this.colors = colors.createColors(streams.stdout.isTTY === true && !NO_COLOR && TERM !== 'dumb');
    for (const stream of [streams.stdout, streams.stderr]) stream.on('error', this.onWriteError);
  }

  /** Columns of the terminal that results go to; undefined when they go into a pipe or a file. */
  get width(): number | undefined {
    const results = this.stdoutTaken ? this.streams.stderr : this.streams.stdout;
    // A terminal that does not know its size says 0 columns.
    return results.isTTY === true ? results.columns || undefined : undefined;
  }

  /** Whether results are read by somebody at a terminal. */
  get isInteractive(): boolean {
    return this.streams.stdout.isTTY === true;
  }

  get env(): Streams['env'] {
    return this.streams.env;
  }

  /** Standard input, for the file name `-`. */
  takeStdin(expected: string): Input {
    const { stdin } = this.streams;
    if (stdin.isTTY)
      throw new UsageError(`<stdin>: found a terminal, expected ${expected}. Name a file, or pipe it in`);
    if (this.stdinTaken) throw new UsageError('<stdin>: named twice, expected at most one - for input');
    this.stdinTaken = true;
    return stdin;
  }

  /** What somebody types, where one sits at a terminal that shows the results; undefined: nobody is there to ask. */
  takeKeyboard(): Input | undefined {
    const { stdin, stdout } = this.streams;
    if (stdin.isTTY !== true || stdout.isTTY !== true) return undefined;
    this.stdinTaken = true;
    return stdin;
  }

  /** An input that the command has opened: it ends with Ctrl-C, and is closed when the command is over, read or not. */
  adopt(input: Input): void {
    addAbortSignal(this.signal, input);
    this.inputs.push(input);
  }

  /** Standard output for data, for the file name `-`; from now on results go to stderr. */
  takeStdout(what: string): Output {
    const { stdout } = this.streams;
    if (stdout.isTTY)
      throw new UsageError(
        `<stdout>: found a terminal, expected a file or pipe for ${what}. Name a file with -o`,
      );
    this.stdoutTaken = true;
    return stdout;
  }

  /** A result. */
  print(text: string): void {
    const { stdout, stderr } = this.streams;
    (this.stdoutTaken ? stderr : stdout).write(`${this.safe(text, this.colors.isColorSupported)}\n`);
  }

  printJson(value: unknown): void {
    this.print(JSON.stringify(value, undefined, 2));
  }

  /** Something beside the result. */
  note(text: string): void {
    this.streams.stderr.write(`${this.safe(text)}\n`);
  }

  write(text: string): void {
    this.streams.stdout.write(this.safe(text));
  }

  /**
   * A part of a long result: resolves when there is room for more. Throws when who reads it has gone, which is no failure
   * of the command (failure.ts).
   */
  async writePart(text: string): Promise<void> {
    const { stdout } = this.streams;
    if (this.readerGone === undefined && !stdout.write(this.safe(text))) await drained(stdout);
    if (this.readerGone !== undefined) throw this.readerGone;
  }

  writeError(text: string): void {
    this.streams.stderr.write(this.safe(text));
  }

  /** Loads what draws bars, if they can be seen at all. */
  async prepareProgress(): Promise<void> {
    if (this.streams.stderr.isTTY) this.startBar = (await import('./progress.ts')).startProgress;
  }

  /** A bar on stderr if that is a terminal, nothing if not. */
  progress(label: string, unit: string, total: number | undefined): Progress {
    return this.startBar?.(this.streams.stderr, printable(label), unit, total) ?? SILENT;
  }

  /** Lets go of standard input, which nobody will read any more, and waits until all is written or has failed. */
  async close(): Promise<void> {
    if (this.stdinTaken) this.streams.stdin.destroy();
    for (const input of this.inputs) input.destroy();
    if (!this.stdoutTaken) await new Promise((resolve) => this.streams.stdout.write('', resolve));
    if (this.writeFailure === undefined) return;
    this.note(`vmsplit: <stdout>: cannot be written: ${this.writeFailure.message}`);
    this.exitCode = 2;
  }

  /** What a terminal obeys is shown instead; words of the command line are one line each, whatever is in them. */
  private safe(text: string, styled = false): string {
    const words = this.streams.unprintableWords ?? [];
    return printableLines(
      words.reduce((shown, word) => shown.replaceAll(word, printable(word)), text),
      { styled },
    );
  }

  /** A reader that went away (`| head`) is no failure; whoever writes data to stdout notices by itself. */
  private readonly onWriteError = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE') this.readerGone = error;
    else if (!this.stdoutTaken) this.writeFailure = error;
  };
}

/** Room for more, or none ever. */
function drained(stream: Output): Promise<void> {
  return new Promise((resolve) => {
    const events = ['drain', 'close', 'error'] as const;
    const done = (): void => {
      for (const event of events) stream.off(event, done);
      resolve();
    };
    for (const event of events) stream.on(event, done);
  });
}
