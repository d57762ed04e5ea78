/** The server of the page: two addresses, ranges of the trace, and nothing else for nobody. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseRunSpec, UsageError } from '../../../replay/index.ts';
import { type PageServer, type PageServerOptions, servePage } from '../../../replay/node/page-server.ts';
import { nodePageFiles } from '../../../replay/node/report-page.ts';
import { pageContents } from '../../../replay/page/html/page-run.ts';
import { urlSource } from '../../../traces/index.ts';
import { builtPage } from '../../support/build.ts';
import { smallTrace } from '../../traces/support.ts';
import { temporaryFolder } from '../cli/vmsplit.ts';

beforeAll(() => void builtPage(), 60_000);
const bytes = await smallTrace();

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function served(options?: PageServerOptions): Promise<PageServer & { readonly file: string }> {
  const file = join(temporaryFolder(), 'small.vmt');
  writeFileSync(file, bytes);
  const run = { version: 1, events: { trace: file }, lanes: [{ layout: 'linux-3g1g' }] };
  const contents = await pageContents(parseRunSpec(JSON.stringify(run)), nodePageFiles);
  ends.push(() => contents.trace!.close());
  const server = await servePage(contents, options);
  ends.unshift(() => server.close());
  return { ...server, file };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Not `fetch`, which sets Host and Origin itself. */
async function ask(url: string, { method = 'GET', path, headers = {} }: Asked = {}): Promise<Answer> {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path: path ?? pathname, method, headers }, async (response) => {
      const body = await text(response.setEncoding('latin1'));
      resolve({ status: response.statusCode!, headers: response.headers, body });
    });
    asked.on('error', reject).end();
  });
}

describe('the page', () => {
  it('comes with a policy, and headers that keep others out', async () => {
    const { status, headers, body } = await ask((await served()).url);
    expect(status).toBe(200);
    expect(body).toContain('<script type="application/json" id="run">');
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringMatching(/default-src 'none'.*; frame-ancestors 'none'$/),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('is at an address that nobody can guess, or, where a port was asked for, at the same each time', async () => {
    const [one, other] = [await served(), await served()];
    const path = ({ url }: PageServer) => new URL(url).pathname;
    expect(path(one)).toMatch(/^\/[\w-]{22}\/$/);
    expect(path(one)).not.toBe(path(other));
    const { port } = new URL(one.url);
    await one.close();
    expect((await served({ port: Number(port) })).url).toBe(`http://127.0.0.1:${port}/`);
  });

  it('without a run has no trace beside it', async () => {
    const server = await servePage(undefined);
    ends.push(() => server.close());
    expect((await ask(server.url)).status).toBe(200);
    expect((await ask(`${server.url}trace`)).status).toBe(404);
  });

  it('is told when its port cannot be had', async () => {
    const { port } = new URL((await served()).url);
    const second = served({ port: Number(port) });
    await expect(second).rejects.toThrow(UsageError);
    await expect(second).rejects.toThrow(`port ${port}: is in use, expected a free one`);
  });
});

describe('what is refused, in words', () => {
  it.each<[number, string, (url: URL) => Asked]>([
    [404, 'the root, when the address has a secret part', () => ({ path: '/' })],
    [404, 'a name of a file', ({ pathname }) => ({ path: `${pathname}package.json` })],
    [404, 'a way up', ({ pathname }) => ({ path: `${pathname}../../../../etc/passwd` })],
    [404, 'a way up, encoded', ({ pathname }) => ({ path: `${pathname}%2e%2e/etc/passwd` })],
    [404, 'a query', ({ pathname }) => ({ path: `${pathname}trace?file=/etc/passwd` })],
    [404, 'an address with a server in it', ({ pathname }) => ({ path: `http://127.0.0.1${pathname}` })],
    [405, 'a POST', () => ({ method: 'POST' })],
    [405, 'a DELETE of the trace', ({ pathname }) => ({ method: 'DELETE', path: `${pathname}trace` })],
    [405, 'OPTIONS, before a request of another site', () => ({ method: 'OPTIONS' })],
    [403, 'another name of this machine', ({ port }) => ({ headers: { Host: `evil.example:${port}` } })],
    [403, 'another port', () => ({ headers: { Host: '127.0.0.1:1' } })],
    [403, 'no port', () => ({ headers: { Host: '127.0.0.1' } })],
    [403, 'a page from elsewhere', () => ({ headers: { Origin: 'http://evil.example' } })],
    [403, 'a page from another port', () => ({ headers: { Origin: 'http://127.0.0.1:1' } })],
    [403, 'a page from a file', () => ({ headers: { Origin: 'null' } })],
  ])('%i: %s', async (status, _, asked) => {
    const { url } = await served();
    const answer = await ask(url, asked(new URL(url)));
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.body).toMatch(/^[A-Z][^\n]+\.\n$/);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  it('and localhost is this machine', async () => {
    const { url } = await served();
    const host = `localhost:${new URL(url).port}`;
    expect((await ask(url, { headers: { Host: host, Origin: `http://${host}` } })).status).toBe(200);
  });

  it('what is no HTTP ends the connection alone', async () => {
    const { url } = await served();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end('\x16\x03\x01 nonsense\r\n\r\n');
    expect(await text(socket)).toContain('400 Bad Request');
    expect((await ask(url)).status).toBe(200);
  });
});

describe('the trace', () => {
  const size = bytes.length;
  const part = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString('latin1');

  it.each<[string, number, string | undefined, string]>([
    ['bytes=0-9', 206, `bytes 0-9/${size}`, part(0, 10)],
    [`bytes=${size - 1}-`, 206, `bytes ${size - 1}-${size - 1}/${size}`, part(size - 1, size)],
    [`bytes=5-${size + 100}`, 206, `bytes 5-${size - 1}/${size}`, part(5, size)],
    ['bytes=-3', 206, `bytes ${size - 3}-${size - 1}/${size}`, part(size - 3, size)],
    [`bytes=-${size + 5}`, 206, `bytes 0-${size - 1}/${size}`, part(0, size)],
    [`bytes=${size}-`, 416, `bytes */${size}`, `The trace has ${size} bytes, of which the range has none.\n`],
    ['bytes=-0', 416, `bytes */${size}`, `The trace has ${size} bytes, of which the range has none.\n`],
    ['bytes=9-0', 200, undefined, part(0, size)],
    ['bytes=0-1,5-6', 200, undefined, part(0, size)],
    ['lines=0-1', 200, undefined, part(0, size)],
  ])('Range: %s', async (range, status, contentRange, body) => {
    const { url } = await served();
    const answer = await ask(`${url}trace`, { headers: { Range: range } });
    expect([answer.status, answer.headers['content-range']]).toEqual([status, contentRange]);
    expect(answer.body).toBe(body);
  });

  it('is told of by HEAD', async () => {
    const { headers, body, status } = await ask(`${(await served()).url}trace`, { method: 'HEAD' });
    expect([status, body, headers['content-length']]).toEqual([200, '', String(size)]);
    expect(headers).toMatchObject({ 'accept-ranges': 'bytes', etag: expect.stringMatching(/^"[\w-]+"$/) });
  });

  it('that has changed has another tag, which conditions ask for', async () => {
    const { url, file } = await served();
    const trace = `${url}trace`;
    const { etag } = (await ask(trace, { method: 'HEAD' })).headers as { etag: string };
    const asked = (name: string) => ask(trace, { headers: { Range: 'bytes=0-0', [name]: etag } });
    expect([(await asked('If-Range')).status, (await asked('If-Match')).status]).toEqual([206, 206]);
    appendFileSync(file, 'more');
    expect((await ask(trace, { method: 'HEAD' })).headers.etag).not.toBe(etag);
    expect([(await asked('If-Range')).status, (await asked('If-Match')).status]).toEqual([200, 412]);
  });

  it('that changes under the page is an error of the page, in words', async () => {
    const { url, file } = await served();
    const source = await urlSource(`${url}trace`);
    expect([...(await source.read(2, 3))]).toEqual([...bytes.subarray(2, 5)]);
    writeFileSync(file, bytes.subarray(0, 20));
    await expect(source.read(2, 3)).rejects.toThrow('has changed while it was read');
  });
});

it('ends at once, whoever is being served', async () => {
  const { url, close } = await served();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\n');
  await ask(url);
  const closed = text(socket).catch(() => '');
  await close();
  await closed;
  await expect(ask(url)).rejects.toThrow(/ECONNREFUSED|socket hang up/);
});
