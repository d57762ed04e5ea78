/** What a server sends of bytes in memory or of a source: whole, or a range of it (RFC 9110, 13 and 14). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { blocksOf, type Source } from '../../traces/index.ts';
import type { FileSource } from '../../traces/node/index.ts';

export type Representation = { readonly headers: Readonly<Record<string, string>> } & (
  | { readonly bytes: Uint8Array }
  | { readonly source: VersionedSource }
);

/** A source that may know when it has become another one, as files do. */
type VersionedSource = Source & Partial<Pick<FileSource, 'version'>>;

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

/** Answers GET and HEAD. A reader that goes away is no failure. */
export async function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  of: Representation,
): Promise<void> {
  for (const [name, value] of Object.entries(of.headers)) response.setHeader(name, value);
  if ('source' in of) await sendSource(request, response, of.source);
  else {
    response.setHeader('Content-Length', of.bytes.length);
    response.end(request.method === 'HEAD' ? undefined : of.bytes);
  }
}

async function sendSource(
  request: IncomingMessage,
  response: ServerResponse,
  source: VersionedSource,
): Promise<void> {
  const { byteLength } = source;
  const tag = `"${(await source.version?.()) ?? byteLength}"`;
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('ETag', tag);
  const { method, headers } = request;
  if (headers['if-match'] !== undefined && headers['if-match'] !== tag)
    return sendText(response, 412, 'The trace has changed since it was opened.');
  const isAsked = method === 'GET' && (headers['if-range'] ?? tag) === tag;
  const range = isAsked ? rangeOf(headers.range, byteLength) : undefined;
  if (range !== undefined && range.start >= range.end) {
    response.setHeader('Content-Range', `bytes */${byteLength}`);
    return sendText(response, 416, `The trace has ${byteLength} bytes, of which the range has none.`);
  }
  const { start, end } = range ?? { start: 0, end: byteLength };
  if (range !== undefined) response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${byteLength}`);
  response.writeHead(range === undefined ? 200 : 206, { 'Content-Length': end - start });
  if (method === 'HEAD') response.end();
  else await pipeline(Readable.from(blocksOf(source, start, end)), response).catch(() => {});
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Of one range, which is empty when there is nothing in it; undefined: of none, several, or what is no range. */
function rangeOf(text: string | undefined, byteLength: number): Range | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(text ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first === '') return { start: Math.max(0, byteLength - Number(last)), end: byteLength };
  if (last !== '' && Number(last) < Number(first)) return undefined;
  return { start: Number(first), end: last === '' ? byteLength : Math.min(byteLength, Number(last) + 1) };
}
