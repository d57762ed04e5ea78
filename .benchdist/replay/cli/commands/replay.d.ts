/** `vmsplit replay`: a trace under one layout, or under several side by side. */
import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
export declare function replayCommand(terminal: Terminal): Command;
