/** `vmsplit example`: the worked examples of the texts, played scene by scene. */
import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
export declare function exampleCommand(terminal: Terminal): Command;
