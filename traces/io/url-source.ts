/** A file behind a URL, read piece by piece by range requests (RFC 9110, 14). */
import { UsageError } from '../../core/base/errors.ts';
import type { Source } from './source.ts';

/** What it takes of a `Response` (Fetch Standard). */
export interface ResponseLike {
  readonly status: number;
  readonly statusText: string;
  readonly headers: { get(name: string): string | null };
  readonly body: { cancel(): Promise<void> } | null;
  arrayBuffer(): Promise<ArrayBuffer>;
}

export type Fetch = (
  url: string,
  init: { readonly headers: Readonly<Record<string, string>> },
) => Promise<ResponseLike>;

const PARTIAL_CONTENT = 206;
const OK = 200;
const RANGE_NOT_SATISFIABLE = 416;

/** A range of a file with so many bytes, in one of its versions. */
interface Part {
  readonly start: number;
  readonly end: number;
  readonly total: number;
  readonly version: string | null;
}

/**
 * Asks for the first byte, and so for the size. UsageError: there is no such file, or the server does not answer range
 * requests; later, the file is another one.
 */
export async function urlSource(url: string, fetch: Fetch = globalThis.fetch): Promise<Source> {
  const first = await ask(fetch, url, 0, 1);
  const opened = isEmptyFile(first) ? NOTHING : partOf(url, first);
  await first.body?.cancel();
  return {
    name: url,
    byteLength: opened.total,
    async read(offset, length) {
      const start = Math.max(0, offset);
      const end = Math.min(opened.total, offset + length);
      if (end <= start) return new Uint8Array(0);
      const response = await ask(fetch, url, start, end);
      const part = partOf(url, response);
      if (part.total !== opened.total || part.version !== opened.version) throw changed(url);
      const bytes = new Uint8Array(await response.arrayBuffer().catch(unreachable(url)));
      if (part.start !== start || part.end !== end || bytes.length !== end - start)
        throw new UsageError(
          `${url}: found ${bytes.length} bytes from ${part.start} on, expected ${end - start} from ${start} on, as asked for`,
        );
      return bytes;
    },
    close() {},
  };
}

const NOTHING: Part = { start: 0, end: 0, total: 0, version: null };

/** For the bytes [start, end); what comes in their place is not waited for. */
async function ask(fetch: Fetch, url: string, start: number, end: number): Promise<ResponseLike> {
  const headers = { Range: `bytes=${start}-${end - 1}` };
  const response = await fetch(url, { headers }).catch(unreachable(url));
  if (response.status !== PARTIAL_CONTENT) await response.body?.cancel();
  return response;
}

/** It has no first byte. */
function isEmptyFile({ status, headers }: ResponseLike): boolean {
  return status === RANGE_NOT_SATISFIABLE && headers.get('Content-Range') === 'bytes */0';
}

function partOf(url: string, { status, statusText, headers }: ResponseLike): Part {
  if (status === OK) throw ignoresRanges(url);
  if (status !== PARTIAL_CONTENT)
    throw new UsageError(`${url}: cannot be read: the server answers ${status} ${statusText}`.trimEnd());
  const range = headers.get('Content-Range');
  const found = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(range ?? '');
  if (found === null)
    throw new UsageError(
      `${url}: found ${range === null ? 'no Content-Range' : `the Content-Range '${range}'`} in the answer, ` +
        "expected one like 'bytes 0-0/1234', with the size of the file",
    );
  const [start, last, total] = found.slice(1).map(Number);
  const version = headers.get('ETag') ?? headers.get('Last-Modified');
  return { start: start!, end: last! + 1, total: total!, version };
}

function ignoresRanges(url: string): UsageError {
  return new UsageError(
    `${url}: found the whole file (status ${OK}), expected the bytes asked for (status ${PARTIAL_CONTENT}): ` +
      'the server ignores range requests. Serve it with `vmsplit view`, or save the file and open it here',
  );
}

function changed(url: string): UsageError {
  return new UsageError(`${url}: has changed while it was read. Open it again`);
}

function unreachable(url: string): (error: Error) => never {
  return (error) => {
    throw new UsageError(`${url}: cannot be read: ${error.message}`, { cause: error });
  };
}
