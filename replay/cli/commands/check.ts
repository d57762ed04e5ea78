/** `vmsplit check`: whether traces are what the format says, and where not. */
import { basename } from 'node:path';
import { Command } from 'commander';
import { checkTrace, type TraceCheck } from '../../../traces/index.ts';
import { formatBytes, formatCount } from '../../index.ts';
import { openTraceBytes } from '../files/trace-input.ts';
import { addFailOnOption, exitCodeFor, type FailOn } from '../options/fail-on.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface CheckArguments {
  readonly failOn?: FailOn;
  readonly json?: true;
}

export function checkCommand(terminal: Terminal): Command {
  const command = new Command('check')
    .description('verify checksums and every rule of the format, and name the first fault')
    .argument('<file...>', 'traces; - is standard input');
  return addFailOnOption(command, ['never', 'incomplete'], 'incomplete')
    .option('--json', 'the result as JSON')
    .action((files: string[], given: CheckArguments) => check(terminal, files, given));
}

async function check(
  terminal: Terminal,
  files: readonly string[],
  { json, failOn = 'incomplete' }: CheckArguments,
): Promise<void> {
  const checks: TraceCheck[] = [];
  for (const file of files) {
    const checked = await checkFile(terminal, file);
    checks.push(checked);
    if (!json) terminal.print(textOf(checked));
  }
  if (json) terminal.printJson(checks);
  terminal.exitCode = exitCodeFor({ incomplete: checks.some(({ complete }) => !complete) }, failOn);
}

async function checkFile(terminal: Terminal, file: string): Promise<TraceCheck> {
  const { blocks, name, byteLength } = await openTraceBytes(file, terminal);
  const progress = terminal.progress(`checking ${basename(name)}`, 'bytes', byteLength);
  try {
    return await checkTrace(blocks, name, { onProgress: (bytes) => progress.update(bytes) });
  } finally {
    progress.stop();
  }
}

function textOf({ file, bytes, chunks, events, complete, fault }: TraceCheck): string {
  const size = `${formatCount(events)} events in ${formatCount(chunks)} chunks, ${formatBytes(bytes)}`;
  if (fault === undefined)
    return `${file}: sound: ${size}${complete ? '' : '; the recording was broken off'}`;
  const { offset, found, expected } = fault;
  const remedy = chunks === 0 ? '' : '. Run `vmsplit recover` to keep them';
  return `${file}: FAULT at byte ${offset}: found ${found}, expected ${expected}; before it: ${size}${remedy}`;
}
