/** `vmsplit filter`: of a lackey trace what decides page faults. */
import { basename } from 'node:path';
import { Command } from 'commander';
import { filteredReferences } from '../../../traces/index.ts';
import { formatBytes, formatCount } from '../../index.ts';
import { reproduceLine } from '../../spec/index.ts';
import { writeResult } from '../files/result-output.ts';
import { openTraceBytes } from '../files/trace-input.ts';
import { refuseSameFile, STDOUT } from '../files/trace-output.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface FilterArguments {
  readonly output: string;
  readonly json?: true;
}

const HELP = `
Kept are the first reference of each page and operation between two system calls, and all other lines: a file of some
kilobytes instead of 100 MB and more, that takes the same page faults. While it is recorded, with bash:
  valgrind --tool=lackey --trace-mem=yes --trace-syscalls=yes -d -d --log-fd=9 PROGRAM \\
    9> >(vmsplit filter - | gzip > x.lackey.gz) 2> x.segments`;

export function filterCommand(terminal: Terminal): Command {
  return new Command('filter')
    .description('keep of a lackey trace with system calls what decides page faults')
    .argument('<file>', 'the trace, gzipped or not; - is standard input')
    .option('-o, --output <file>', 'where to; - is standard output', STDOUT)
    .option('--json', 'the result as JSON, with --output FILE')
    .addHelpText('after', HELP)
    .action((file: string, given: FilterArguments) => filter(terminal, file, given));
}

async function filter(terminal: Terminal, file: string, { output, json }: FilterArguments): Promise<void> {
  await refuseSameFile(file, output);
  const { blocks, name, byteLength } = await openTraceBytes(file, terminal);
  const counts = { lines: 0, kept: 0 };
  const progress = terminal.progress(`filtering ${basename(name)}`, 'bytes', byteLength);
  const parts = filteredReferences(blocks, name, counts);
  const bytes = await writeResult(terminal, output, 'the filtered trace', parts).finally(() =>
    progress.stop(),
  );
  if (output === STDOUT) return;
  const reproduce = reproduceLine('filter', [file, '-o', output]);
  if (json) terminal.printJson({ file: output, ...counts, bytes, reproduce });
  else {
    terminal.print(
      `${output}: ${formatCount(counts.kept)} of ${formatCount(counts.lines)} lines, ${formatBytes(bytes)}`,
    );
    terminal.print(`reproduce: ${reproduce}`);
  }
}
