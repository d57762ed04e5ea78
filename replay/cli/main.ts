#!/usr/bin/env node
/** The process around the command line: its streams, its signals, its exit code. */
import { run } from './run.ts';
import { Interrupted } from './terminal/failure.ts';

/** Signals that end a command in good order; the number is that of signal(7). A second one kills. */
const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

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
