/** What a run names, as files of this machine. */
import { stat } from 'node:fs/promises';
import { nearest, UsageError } from '../../../core/index.ts';
import { EXAMPLES, WORKLOADS } from '../../../workloads/index.ts';
import { nodeFiles } from '../../node/run-files.ts';
import type { OpenTrace, RunFiles } from '../../spec/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { readText } from './text-input.ts';
import { isSeekable, openTraceInput, STDIN } from './trace-input.ts';

export function runFiles(terminal: Terminal): RunFiles {
  return {
    text: (path, expected) => readText(terminal, path, expected),
    trace: (path) => openForReplay(terminal, path),
  };
}

async function openForReplay(terminal: Terminal, path: string): Promise<OpenTrace> {
  await suggestWorkload(path);
  if (await isSeekable(path)) return nodeFiles.trace(path);
  const trace = await openTraceInput(path, terminal);
  return {
    name: trace.file,
    header: trace.header,
    notes: trace.notes,
    events: undefined,
    batches: (_, options) => trace.batches(options),
    lost: () => trace.lost,
    close() {},
  };
}

/** `replay drivers` means the workload, not a file that is not there. */
async function suggestWorkload(path: string): Promise<void> {
  if (path === STDIN || (await stat(path).catch(() => undefined)) !== undefined) return;
  const near = nearest(
    path,
    [...WORKLOADS, ...EXAMPLES].map(({ name }) => name),
  );
  if (near !== undefined)
    throw new UsageError(
      `${path}: cannot be read: no such file, expected a trace; did you mean workload:${near}?`,
    );
}
