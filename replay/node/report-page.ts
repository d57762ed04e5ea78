/** A run as one page that needs nothing else: the engine, the run and its trace are in it. */
import { constants } from 'node:buffer';
import { UsageError } from '../../core/index.ts';
import { fileSource } from '../../traces/node/index.ts';
import { pageParts } from '../page/html/page-html.ts';
import { type PageContents, type PageFiles, pageContents } from '../page/html/page-run.ts';
import type { RunSpec } from '../spec/index.ts';
import { pageFile } from './page-file.ts';
import { nodeFiles } from './run-files.ts';

/** Files as they are, by their paths. */
export const nodePageFiles: PageFiles = { text: nodeFiles.text, source: fileSource };

/**
 * The page takes the trace out of one text, four letters for three bytes, and texts of V8 are as long as that; with room
 * for the page itself.
 */
export const MOST_TRACE_BYTES = Math.floor((constants.MAX_STRING_LENGTH - 2 ** 24) / 4) * 3;

/** HTML of a page with this run inside. Errors are those of a replay. */
export async function reportPage(run: RunSpec, files: PageFiles = nodePageFiles): Promise<string> {
  const contents = await pageContents(run, files);
  try {
    return [...(await reportParts(contents))].join('');
  } finally {
    await contents.trace?.close();
  }
}

/** The same in parts. UsageError: the trace is too large for a page. */
export async function reportParts({ spec, files, name, trace }: PageContents): Promise<Iterable<string>> {
  const page = await pageFile();
  if (trace === undefined) return pageParts(page, { spec, files });
  if (trace.byteLength > MOST_TRACE_BYTES) throw tooLarge(name);
  const bytes = await trace.read(0, trace.byteLength);
  return pageParts(page, { spec, files, trace: { bytes } });
}

export function tooLarge(name: string): UsageError {
  const most = Math.floor(MOST_TRACE_BYTES / 2 ** 20);
  return new UsageError(
    `${name}: found more than ${most} MiB of trace, expected what a browser can hold as one text. ` +
      'Look at it with `vmsplit view`, or take a part with `vmsplit slice`',
  );
}
