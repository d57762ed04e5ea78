/** `vmsplit record`: a synthetic workload to a trace. */
import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
import { type Written } from '../trace-output.ts';
import { type ChosenWorkload } from '../workload-options.ts';
export declare function recordCommand(terminal: Terminal): Command;
export declare function recordWorkload(terminal: Terminal, chosen: ChosenWorkload, output: string, batchSize?: number): Promise<Written>;
