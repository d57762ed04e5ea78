/** The line that reproduces a run, as a POSIX shell takes it. */
import { join } from 'shlex';

export function reproduceLine(command: string, args: readonly string[]): string {
  return join(['vmsplit', command, ...args]);
}
