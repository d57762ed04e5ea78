/**
 * `run(arguments, streams)` does what one command line asks and returns its exit code: 0 fine, 1 the answer is
 * "differs", "failed" or "incomplete", 2 wrong use or bad input, 128 + n ended by signal n.
 */
import { Command, CommanderError } from 'commander';
import { isPrintable } from '../../core/base/printable.ts';
import { commandsFor } from './commands/index.ts';
import { exitCodeOf, report } from './terminal/failure.ts';
import { type Streams, Terminal } from './terminal/terminal.ts';
import { VERSION } from './terminal/version.ts';

const DESCRIPTION = `Record a memory workload once; replay it on any Linux address-space layout; see exactly what changes, and why.`;

const HABITS = `
Files: - is standard input or output. Results go to stdout, progress (on a terminal) and notes to stderr.
Exit codes: 0 fine; 1 the answer is "differs", "failed" or "incomplete", see --fail-on; 2 wrong use or bad input;
130 interrupted.
Sizes: 512M, 1G, 4GiB or bytes; K, M, G and T are powers of 1024.`;

export async function run(args: readonly string[], streams: Streams): Promise<number> {
  const terminal = new Terminal({ ...streams, unprintableWords: unprintableParts(args) });
  try {
    await terminal.prepareProgress();
    const program = programFor(terminal, await commandsFor(args, terminal));
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    terminal.exitCode = error instanceof CommanderError ? usageExitCode(error) : exitCodeOf(error);
    report(error, terminal);
  } finally {
    await terminal.close();
  }
  return terminal.exitCode;
}

/** Longest first: a part is in the whole, too. */
function unprintableParts(args: readonly string[]): string[] {
  const parts = args.filter((arg) => !isPrintable(arg)).flatMap((arg) => [arg, ...arg.split(/[/=:,. ]/)]);
  return parts.filter((part) => !isPrintable(part)).sort((a, b) => b.length - a.length);
}

export function programFor(terminal: Terminal, commands: readonly Command[]): Command {
  const program = new Command('vmsplit')
    .description(DESCRIPTION)
    .version(VERSION, '-v, --version')
    .addHelpText('after', HABITS);
  const settle = (command: Command): Command =>
    command
      .exitOverride()
      .showHelpAfterError(`(vmsplit ${command === program ? '' : `${command.name()} `}--help tells more)`)
      .configureOutput({
        writeOut: (text) => terminal.write(text),
        writeErr: (text) => terminal.writeError(text),
      });
  settle(program);
  for (const command of commands) program.addCommand(settle(command));
  return program;
}

/** Asking for help is no mistake; leaving out the command, or anything else that commander minds, is. */
function usageExitCode({ exitCode }: CommanderError): number {
  return exitCode === 0 ? 0 : 2;
}
