/** `vmsplit diff`: a trace under several layouts in lock step: what comes out differently, and why. */
import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
/**
 * The three layouts of the classic question. Those of the linux family, since their figures are what real kernels
 * report; the textbook ones (3g1g, 2g2g, x86_64) are rounder.
 */
export declare const CLASSIC_LAYOUTS: string[];
export declare function diffCommand(terminal: Terminal): Command;
