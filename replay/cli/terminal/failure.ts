/** What went wrong, in one message for people, and the exit code that goes with it. */
import { CommanderError } from 'commander';
import { UsageError } from '../../../core/base/errors.ts';
import type { Terminal } from './terminal.ts';

/** Somebody pressed Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('interrupted');
    this.exitCode = exitCode;
  }
}

/** Wrong use, bad input. */
const USAGE_EXIT = 2;
/** EX_SOFTWARE of sysexits.h: a bug in vmsplit. */
const BUG_EXIT = 70;

export function exitCodeOf(error: unknown): number {
  const interruption = interruptionOf(error);
  if (interruption !== undefined) return interruption.exitCode;
  if (isBrokenPipe(error)) return 0;
  return error instanceof UsageError || systemMessage(error) !== undefined ? USAGE_EXIT : BUG_EXIT;
}

/** Prints the message, if it is for this file to print. */
export function report(error: unknown, terminal: Terminal): void {
  if (error instanceof CommanderError || isBrokenPipe(error)) return; // commander has printed its own
  if (interruptionOf(error) !== undefined) terminal.note('vmsplit: interrupted');
  else if (error instanceof UsageError) terminal.note(`vmsplit: ${error.message}`);
  else terminal.note(`vmsplit: ${systemMessage(error) ?? bugMessage(error)}`);
}

/** The Interrupted behind an error: itself, or the reason of the AbortError of a stream that it ended. */
export function interruptionOf(error: unknown): Interrupted | undefined {
  if (error instanceof Interrupted) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Interrupted ? cause : undefined;
}

function isBrokenPipe(error: unknown): boolean {
  return codeOf(error) === 'EPIPE' || (error instanceof Error && codeOf(error.cause) === 'EPIPE');
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

const SYSTEM_MESSAGES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory, expected an existing one. Check the name',
  EACCES: 'permission denied. Check the rights of the file and of its directory',
  EISDIR: 'found a directory, expected a file',
  ENOTDIR: 'a part of the path is no directory',
  ENOSPC: 'no space left on the disk. Free some, or choose another place',
  EROFS: 'the file system is read-only. Choose another place',
  EMFILE: 'too many open files. Raise the limit (ulimit -n)',
};

/** What the operating system refused. */
function systemMessage(error: unknown): string | undefined {
  const message = SYSTEM_MESSAGES[codeOf(error) ?? ''];
  if (message === undefined) return undefined;
  return `${(error as NodeJS.ErrnoException).path ?? 'a file'}: ${message}`;
}

function bugMessage(error: unknown): string {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `this is a bug in vmsplit; please report it with the command line\n${what}`;
}
