/**
 * `run(arguments, streams)` does what one command line asks and returns its exit code: 0 fine, 1 the answer is
 * "differs", "failed" or "incomplete", 2 wrong use or bad input, 128 + n ended by signal n.
 */
import { Command, CommanderError } from 'commander';
import { COMMANDS } from './commands/index.js';
import { exitCodeOf, report } from './failure.js';
import { Terminal } from './terminal.js';
import { VERSION } from './version.js';
const DESCRIPTION = `Record a memory workload once; replay it on any Linux address-space layout; see exactly what changes, and why.`;
const HABITS = `
Files: - is standard input or output. Results go to stdout, progress (on a terminal) and notes to stderr.
Exit codes: 0 fine; 1 the answer is "differs", "failed" or "incomplete"; 2 wrong use or bad input; 130 interrupted.
Sizes: 512M, 1G, 4GiB or bytes; K, M, G and T are powers of 1024.`;
export async function run(args, streams) {
    const terminal = new Terminal(streams);
    try {
        await programFor(terminal).parseAsync(args, { from: 'user' });
    }
    catch (error) {
        terminal.exitCode = error instanceof CommanderError ? usageExitCode(error) : exitCodeOf(error);
        report(error, terminal);
    }
    finally {
        await terminal.close();
    }
    return terminal.exitCode;
}
function programFor(terminal) {
    const program = new Command('vmsplit')
        .description(DESCRIPTION)
        .version(VERSION)
        .addHelpText('after', HABITS);
    const settle = (command) => command
        .exitOverride()
        .showHelpAfterError(`(vmsplit ${command === program ? '' : `${command.name()} `}--help tells more)`)
        .configureOutput({
        writeOut: (text) => terminal.write(text),
        writeErr: (text) => terminal.writeError(text),
    });
    settle(program);
    for (const declare of COMMANDS)
        program.addCommand(settle(declare(terminal)));
    return program;
}
/** Asking for help is no mistake; leaving out the command, or anything else that commander minds, is. */
function usageExitCode({ code, exitCode }) {
    return exitCode === 0 && code !== 'commander.help' ? 0 : 2;
}
//# sourceMappingURL=run.js.map