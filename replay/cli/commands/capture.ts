/** `vmsplit capture`: the script that saves what a board's kernel tells of its memory. */
import { Command } from 'commander';
import { captureScript } from '../../capture/script.ts';
import { SIZE, sizeText } from '../../spec/index.ts';
import { parserOf, wholeNumber } from '../options/values.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { VERSION } from '../terminal/version.ts';

interface CaptureArguments {
  readonly seconds: number;
  readonly buffer?: number;
  readonly trace: boolean;
  readonly json?: true;
}

const DEFAULT_SECONDS = 10;
const MOST_SECONDS = 86_400;
const DEFAULT_BUFFER = 16 * 2 ** 20;

const HELP = `
On the board, as root:  sh capture.sh [COMMAND...]
Over the network:       vmsplit capture | ssh root@BOARD sh -s -- -o - > board.tar
Then, here:             vmsplit advise board.tar; vmsplit import board.tar

It needs a POSIX shell (busybox will do), and root for most of what it saves;
nothing is installed. It saves files of /proc from before and after, the command
line of the kernel and its log. With tracefs it records requests for pages, slab
objects and areas of the vmalloc window (by kprobes where the kernel has no
tracepoints for them), kmap, and processes that begin and end, for --seconds or
while COMMAND runs.

It costs the memory of --buffer, about four times as much as text in TMPDIR or
/tmp, and up to a microsecond for each request; what no longer fits is left out,
and told. Meanwhile kernel.kptr_restrict is 1 where it was 0, and tracefs is
mounted; both are put back. The options of the script are in its first lines.`;

export function captureCommand(terminal: Terminal): Command {
  return new Command('capture')
    .description('print a script for a board, which saves what its kernel tells of its memory as one tar')
    .option('--seconds <n>', 'how long to trace', wholeNumber(1, MOST_SECONDS), DEFAULT_SECONDS)
    .option(
      '--buffer <size>',
      `memory for the trace, of all cpus together (default: ${sizeText(DEFAULT_BUFFER)})`,
      parserOf(SIZE),
    )
    .option('--no-trace', 'only the files of /proc and the log')
    .option('--json', 'the script, and what is set in it, as JSON')
    .addHelpText('after', HELP)
    .action(({ seconds, buffer = DEFAULT_BUFFER, trace, json }: CaptureArguments) => {
      const options = { seconds, bufferKib: Math.ceil(buffer / 1024), trace };
      const script = captureScript(options, VERSION);
      if (json) terminal.printJson({ ...options, script });
      else terminal.write(script);
    });
}
