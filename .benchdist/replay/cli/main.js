#!/usr/bin/env node
/** The process around the command line: its streams, its signals, its exit code. */
import { Interrupted } from './failure.js';
import { run } from './run.js';
/** Signals that end a command in good order; the number is that of signal(7). A second one kills. */
const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 };
const interruption = new AbortController();
for (const [signal, number] of Object.entries(SIGNALS)) {
    process.once(signal, () => interruption.abort(new Interrupted(128 + number)));
}
const { stdin, stdout, stderr, env } = process;
process.exitCode = await run(process.argv.slice(2), {
    stdin,
    stdout,
    stderr,
    env,
    signal: interruption.signal,
});
//# sourceMappingURL=main.js.map