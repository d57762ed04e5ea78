/** `vmsplit verify kernel`: does the simulated allocator do what a real kernel did? */

import { basename } from 'node:path';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { RULES, verificationText, verifyKernelTrace } from '../../index.ts';
import { reproduceLine } from '../../spec/index.ts';
import { readMoments } from '../files/snapshot-files.ts';
import { readText } from '../files/text-input.ts';
import { openBytes } from '../files/trace-input.ts';
import { breathe } from '../files/trace-output.ts';
import { ANY_COUNT, wholeNumber } from '../options/values.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface VerifyArguments {
  readonly snapshot?: string;
  readonly atLeast: number;
  readonly first: number;
  readonly json?: true;
}

const RULE_LINES = Object.entries(RULES).map(([name, meaning]) => `  ${name.padEnd(14)}  ${meaning}`);

const HELP = `
The trace has the kmem events: trace-cmd report, perf script, or tracefs with
  echo 1 > /sys/kernel/tracing/events/kmem/enable; cat /sys/kernel/tracing/trace_pipe
The snapshot says what the machine had: files named buddyinfo, pagetypeinfo and zoneinfo, with .before and .after, or one
text (snaps.txt) with '=== LABEL' and '--- zoneinfo' headings. What changed between two of them is compared when the trace
has markers (trace_marker) of when they were read: 'snapshot before: begin' and 'snapshot before: end', or 'snap-begin
LABEL' and 'snap-end LABEL'. Exit code 0: every rule is at --at-least or above; 1: one is not.
How many predictions of a rule may be wrong is rounded up where there are 5 or more.

Rules:
${RULE_LINES.join('\n')}`;

export function verifyCommand(terminal: Terminal): Command {
  return new Command('verify')
    .description("check the simulated page allocator against a real kernel's own trace")
    .addArgument(new Argument('<what>', 'whose trace it is').choices(['kernel']))
    .argument('<trace>', 'the trace, gzipped or not; - is standard input')
    .option('--snapshot <path>', 'directory or file with the snapshot (default: what lies beside the trace)')
    .option('--at-least <percent>', 'predictions of each rule that must be right', parsePercent, 95)
    .option('--first <k>', 'how many disagreements of each rule to explain', wholeNumber(0, ANY_COUNT), 3)
    .option('--json', 'the result as JSON')
    .addHelpText('after', HELP)
    .action((_what: string, trace: string, given: VerifyArguments) => verify(terminal, trace, given));
}

async function verify(terminal: Terminal, trace: string, given: VerifyArguments): Promise<void> {
  const { snapshot, atLeast, first, json } = given;
  const { name, byteLength, blocks } = await openBytes(trace, 'a kernel trace', terminal);
  const moments = await readMoments(snapshot, trace, (path, expected) => readText(terminal, path, expected));
  const progress = terminal.progress(`verifying ${basename(name)}`, 'bytes', byteLength);
  const counted = countBytes(blocks, (bytes) => progress.update(bytes));
  const options = { atLeastPercent: atLeast, first, onBlock: () => breathe(terminal) };
  const result = await verifyKernelTrace({ name, blocks: counted }, moments, options).finally(() =>
    progress.stop(),
  );
  const args = ['kernel', trace, ...(snapshot === undefined ? [] : ['--snapshot', snapshot])];
  const reproduce = reproduceLine('verify', [...args, '--at-least', String(atLeast)]);
  if (json) terminal.printJson({ ...result, reproduce });
  else {
    terminal.print(verificationText(result, { colors: terminal.colors.isColorSupported }).trimEnd());
    terminal.print(`reproduce: ${reproduce}`);
  }
  if (!result.agrees) terminal.exitCode = 1;
}

async function* countBytes(
  blocks: AsyncIterable<Uint8Array>,
  onBytes: (done: number) => void,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const block of blocks) {
    yield block;
    done += block.length;
    onBytes(done);
  }
}

function parsePercent(text: string): number {
  const percent = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (percent >= 0 && percent <= 100) return percent;
  throw new InvalidArgumentError('Expected a number from 0 to 100.');
}
