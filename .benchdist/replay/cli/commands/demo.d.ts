import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
export declare function demoCommand(terminal: Terminal): Command;
