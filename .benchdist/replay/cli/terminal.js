import colors from 'picocolors';
import { UsageError } from '../../core/index.js';
import { startProgress } from './progress.js';
export class Terminal {
    signal;
    /** Colours for stdout: none unless it is a terminal, and none if NO_COLOR is set (no-color.org). */
    colors;
    exitCode = 0;
    streams;
    stdinTaken = false;
    stdoutTaken = false;
    writeFailure;
    constructor(streams) {
        this.streams = streams;
        this.signal = streams.signal;
        const { NO_COLOR, TERM } = streams.env;
        this.colors = colors.createColors(streams.stdout.isTTY === true && !NO_COLOR && TERM !== 'dumb');
        for (const stream of [streams.stdout, streams.stderr])
            stream.on('error', this.onWriteError);
    }
    /** Standard input, for the file name `-`. */
    takeStdin(expected) {
        const { stdin } = this.streams;
        if (stdin.isTTY)
            throw new UsageError(`<stdin>: found a terminal, expected ${expected}. Name a file, or pipe it in`);
        if (this.stdinTaken)
            throw new UsageError('<stdin>: named twice, expected at most one - for input');
        this.stdinTaken = true;
        return stdin;
    }
    /** Standard output for data, for the file name `-`; from now on results go to stderr. */
    takeStdout(what) {
        const { stdout } = this.streams;
        if (stdout.isTTY)
            throw new UsageError(`<stdout>: found a terminal, expected a file or pipe for ${what}. Name a file with -o`);
        this.stdoutTaken = true;
        return stdout;
    }
    /** A result. */
    print(text) {
        (this.stdoutTaken ? this.streams.stderr : this.streams.stdout).write(`${text}\n`);
    }
    printJson(value) {
        this.print(JSON.stringify(value, undefined, 2));
    }
    /** Something beside the result. */
    note(text) {
        this.streams.stderr.write(`${text}\n`);
    }
    write(text) {
        this.streams.stdout.write(text);
    }
    writeError(text) {
        this.streams.stderr.write(text);
    }
    /** A bar on stderr if that is a terminal, nothing if not. */
    progress(label, unit, total) {
        return startProgress(this.streams.stderr, label, unit, total);
    }
    /** Lets go of standard input, which nobody will read any more, and waits until all is written or has failed. */
    async close() {
        if (this.stdinTaken)
            this.streams.stdin.destroy();
        if (!this.stdoutTaken)
            await new Promise((resolve) => this.streams.stdout.write('', resolve));
        if (this.writeFailure === undefined)
            return;
        this.note(`vmsplit: <stdout>: cannot be written: ${this.writeFailure.message}`);
        this.exitCode = 2;
    }
    /** A reader that went away (`| head`) is no failure; whoever writes data to stdout notices by itself. */
    onWriteError = (error) => {
        if (error.code !== 'EPIPE' && !this.stdoutTaken)
            this.writeFailure = error;
    };
}
//# sourceMappingURL=terminal.js.map