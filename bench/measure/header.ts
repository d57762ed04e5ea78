/** What a run of the benchmarks ran on: figures of two machines, or of two versions of Node, do not compare. */
import { cpus } from 'node:os';
import { VERSION } from '../../replay/cli/terminal/version.ts';

export interface Header {
  readonly vmsplit: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly seed: number;
  /** For each row. */
  readonly timeMs: number;
  /** The reference trace. */
  readonly trace: string;
}

export function headerOf(seed: number, timeMs: number, trace: string): Header {
  const cores = cpus();
  const cpu = cores[0]?.model.trim() ?? 'unknown';
  return { vmsplit: VERSION, node: process.version, cpu, cores: cores.length, seed, timeMs, trace };
}
