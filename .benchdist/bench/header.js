/** What a run of the benchmarks ran on: figures of two machines, or of two versions of Node, do not compare. */
import { cpus } from 'node:os';
import { VERSION } from '../replay/cli/version.js';
export function headerOf(seed, timeMs, trace) {
    const cores = cpus();
    const cpu = cores[0]?.model.trim() ?? 'unknown';
    return { vmsplit: VERSION, node: process.version, cpu, cores: cores.length, seed, timeMs, trace };
}
//# sourceMappingURL=header.js.map