/** Traces where a page finds them: in a file of the user's, and on a server. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { UsageError } from '../../core/base/errors.ts';
import { blobSource, memorySource, openTrace, type Source, urlSource } from '../../traces/index.ts';
import { collect, rowsOf, smallTrace } from './support.ts';

const trace = await smallTrace();

/** Everything that the container asks of a source. */
async function rows(source: Source): Promise<unknown> {
  const opened = await openTrace(source);
  return [opened.complete, rowsOf(await collect(opened.batches()))];
}

/** [offset, length]: within, to the end, beyond, before the beginning, nothing. */
const PIECES = [
  [0, 10],
  [7, 1],
  [trace.length - 3, 3],
  [trace.length - 3, 100],
  [trace.length, 5],
  [-4, 10],
  [5, 0],
] as const;

async function readsAsMemory(source: Source): Promise<void> {
  expect(source.byteLength).toBe(trace.length);
  for (const [offset, length] of PIECES) {
    const expected = trace.subarray(Math.max(0, offset), Math.max(0, offset + length));
    expect([...(await source.read(offset, length))], `${offset}, ${length}`).toEqual([...expected]);
  }
  expect(await rows(source)).toEqual(await rows(memorySource(trace)));
}

describe('a file that was chosen', () => {
  test('is read in pieces', () => readsAsMemory(blobSource(new Blob([trace]), 'a.vmt')));

  test('may have gone since', async () => {
    const gone = Promise.reject(new Error('The file could not be found.'));
    gone.catch(() => {});
    const source = blobSource({ size: 9, slice: () => ({ arrayBuffer: () => gone }) }, 'a.vmt');
    await expect(source.read(0, 9)).rejects.toThrow(
      new UsageError('a.vmt: cannot be read any more: The file could not be found. Choose the file again'),
    );
  });
});

describe('a file on a server', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  type Answer = (request: IncomingMessage, response: ServerResponse) => void;
  async function serve(answer: Answer): Promise<string> {
    server = createServer(answer);
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.vmt`;
  }

  /** A server as RFC 9110 has it. */
  const ranges =
    (bytes: Uint8Array, headers: Record<string, string> = {}): Answer =>
    (request, response) => {
      const [, start, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range!)!.map(Number);
      if (start! >= bytes.length)
        response.writeHead(416, { 'Content-Range': `bytes */${bytes.length}` }).end();
      else {
        const part = bytes.subarray(start, last! + 1);
        const range = `bytes ${start}-${start! + part.length - 1}/${bytes.length}`;
        response.writeHead(206, { 'Content-Range': range, ...headers }).end(part);
      }
    };

  test('is read in pieces', async () => readsAsMemory(await urlSource(await serve(ranges(trace)))));

  test('may be empty', async () => {
    const source = await urlSource(await serve(ranges(new Uint8Array(0))));
    expect([source.byteLength, (await source.read(0, 10)).length]).toEqual([0, 0]);
    await expect(openTrace(source)).rejects.toThrow('found an empty file');
  });

  test.each<[string, Answer, string]>([
    [
      'ignores ranges',
      (_, response) => response.end(trace),
      'found the whole file (status 200), expected the bytes asked for (status 206): the server ignores range requests',
    ],
    [
      'does not have it',
      (_, response) => response.writeHead(404).end(),
      'cannot be read: the server answers 404 Not Found',
    ],
    [
      'does not tell the size',
      (_, response) => response.writeHead(206, { 'Content-Range': 'bytes 0-0/*' }).end('x'),
      "found the Content-Range 'bytes 0-0/*' in the answer, expected one like 'bytes 0-0/1234'",
    ],
    [
      'tells nothing',
      (_, response) => response.writeHead(206).end('x'),
      'found no Content-Range in the answer',
    ],
    ['hangs up', (request) => request.destroy(), 'cannot be read: fetch failed'],
  ])('a server that %s is told', async (_, answer, message) => {
    const opened = urlSource(await serve(answer));
    await expect(opened).rejects.toThrow(message);
    await expect(opened).rejects.toThrow(UsageError);
  });

  test.each<[string, Answer, string]>([
    ['has grown', ranges(Buffer.concat([trace, trace]), { ETag: '"1"' }), 'has changed while it was read'],
    ['is another one', ranges(trace, { ETag: '"2"' }), 'has changed while it was read'],
    ['has gone', (_, response) => response.writeHead(410).end(), 'the server answers 410 Gone'],
    [
      'comes in other pieces',
      (_, response) =>
        response.writeHead(206, { 'Content-Range': `bytes 0-1/${trace.length}`, ETag: '"1"' }).end('xx'),
      'found 2 bytes from 0 on, expected 4 from 1 on',
    ],
  ])('that %s since it was opened is told', async (_, later, message) => {
    let answer = ranges(trace, { ETag: '"1"' });
    const source = await urlSource(await serve((...both) => answer(...both)));
    expect([...(await source.read(1, 4))]).toEqual([...trace.subarray(1, 5)]);
    answer = later;
    await expect(source.read(1, 4)).rejects.toThrow(message);
  });
});
