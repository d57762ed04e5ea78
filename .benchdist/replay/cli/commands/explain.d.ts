/** `vmsplit explain`: what an address is, under one layout or several, at boot or at a moment of a trace. */
import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
export declare function explainCommand(terminal: Terminal): Command;
