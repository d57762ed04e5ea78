/** `vmsplit replay`: a trace under one layout, or under several side by side. */
import type { Command } from 'commander';
import { replayingCommand } from '../session/replay-command.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** The split of nearly every 32-bit distribution kernel. */
const LAYOUTS = ['linux-3g1g'];

export function replayCommand(terminal: Terminal): Command {
  const manner = { name: 'replay', layouts: LAYOUTS, leastLanes: 1, failOn: 'incomplete' } as const;
  return replayingCommand(terminal, manner).description(
    'replay a trace under a layout: what worked, what failed and why, what it cost',
  );
}
