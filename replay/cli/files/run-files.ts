/** What a run names, as files of this machine. */
import { stat } from 'node:fs/promises';
import { nearest, UsageError } from '../../../core/index.ts';
import { concat, memorySource } from '../../../traces/index.ts';
import { fileSource } from '../../../traces/node/index.ts';
import { EXAMPLES, WORKLOADS } from '../../../workloads/index.ts';
import { MOST_TRACE_BYTES, tooLarge } from '../../node/report-page.ts';
import { nodeFiles, openedStream } from '../../node/run-files.ts';
import type { PageFiles } from '../../page/html/page-run.ts';
import type { OpenTrace, RunFiles } from '../../spec/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { readText } from './text-input.ts';
import { isSeekable, openTraceBytes, openTraceInput, STDIN } from './trace-input.ts';

export function runFiles(terminal: Terminal): RunFiles {
  return {
    text: (path, expected) => readText(terminal, path, expected),
    trace: (path) => openForReplay(terminal, path),
  };
}

async function openForReplay(terminal: Terminal, path: string): Promise<OpenTrace> {
  await suggestWorkload(path);
  if (await isSeekable(path)) return nodeFiles.trace(path);
  return openedStream(await openTraceInput(path, terminal), () => {});
}

/** For a page, which reads a trace at any offset: what is packed, or comes from a pipe, is read into memory. */
export function pageFiles(terminal: Terminal): PageFiles {
  return {
    text: runFiles(terminal).text,
    async source(path) {
      await suggestWorkload(path);
      if (await isSeekable(path)) return fileSource(path);
      const { name, blocks } = await openTraceBytes(path, terminal);
      return memorySource(await wholeTrace(blocks, name), name);
    },
  };
}

async function wholeTrace(blocks: AsyncIterable<Uint8Array>, name: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const block of blocks) {
    bytes += block.length;
    if (bytes > MOST_TRACE_BYTES) throw tooLarge(name);
    parts.push(block);
  }
  return concat(parts);
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
