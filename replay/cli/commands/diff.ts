/** `vmsplit diff`: a trace under several layouts in lock step: what comes out differently, and why. */
import type { Command } from 'commander';
import { CLASSIC_LAYOUTS, replayingCommand } from '../session/replay-command.ts';
import type { Terminal } from '../terminal/terminal.ts';

const HELP = `
The default layouts are those of the linux family: their figures are what real kernels report. The textbook ones
(3g1g, 2g2g, x86_64) have the round figures of the books.`;

export function diffCommand(terminal: Terminal): Command {
  const manner = { name: 'diff', layouts: CLASSIC_LAYOUTS, leastLanes: 2, failOn: 'difference' } as const;
  return replayingCommand(terminal, manner)
    .description('replay a trace under several layouts in lock step: what differs, and why')
    .addHelpText('after', HELP);
}
