/** Traces by content: stores that have them, and a cache that checks them, keeps few, and survives a full disk. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TraceCache } from '../../../../replay/node/fleet/trace-cache.ts';
import { type TraceStore, traceStore } from '../../../../replay/node/fleet/trace-store.ts';
import { FULL } from '../../../support/depth.ts';
import { temporaryFolder } from '../../cli/vmsplit.ts';

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function fileOf(bytes: Uint8Array): { readonly path: string; readonly digest: string } {
  const path = join(temporaryFolder(), 'trace');
  writeFileSync(path, bytes);
  return { path, digest: digestOf(bytes) };
}

const bytesOf = (letter: string, count: number): Buffer => Buffer.alloc(count, letter);

/** What a server was asked, and what it has, by path. */
async function webServer(objects: Map<string, Buffer>): Promise<{ url: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server: Server = createServer(async (request, response) => {
    asked.push(request);
    const body: Buffer[] = [];
    for await (const block of request) body.push(block as Buffer);
    const path = request.url!;
    if (request.method === 'PUT') objects.set(path, Buffer.concat(body));
    const object = objects.get(path);
    response.statusCode = object === undefined ? 404 : 200;
    response.end(request.method === 'GET' ? object : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function read(store: TraceStore, digest: string): Promise<string | undefined> {
  const blocks = await store.get(digest);
  if (blocks === undefined) return undefined;
  const parts: Uint8Array[] = [];
  for await (const block of blocks) parts.push(block);
  return Buffer.concat(parts).toString();
}

describe('a store', () => {
  it('is a folder', async () => {
    const store = await traceStore(join(temporaryFolder(), 'made'), {});
    const { path, digest } = fileOf(bytesOf('a', 100));
    expect(await read(store, digest)).toBeUndefined();
    await store.put(digest, path);
    await store.put(digest, path);
    expect(await read(store, digest)).toBe('a'.repeat(100));
    expect(readdirSync(store.name)).toEqual([digest]);
  });

  it('is a web server, where somebody else puts them', async () => {
    const { path, digest } = fileOf(bytesOf('b', 100));
    const objects = new Map<string, Buffer>();
    const { url } = await webServer(objects);
    const store = await traceStore(`${url}/traces`, {});
    await expect(store.put(digest, path)).rejects.toThrow(`found no ${digest} there, expected the trace`);
    objects.set(`/traces/${digest}`, bytesOf('b', 100));
    await store.put(digest, path);
    expect(await read(store, digest)).toBe('b'.repeat(100));
    await expect((await traceStore('http://127.0.0.1:1', {})).get(digest)).rejects.toThrow(
      /cannot be reached/,
    );
  });

  it('is one that speaks S3, with signed requests', async () => {
    const { path, digest } = fileOf(bytesOf('c', 100));
    const { url, asked } = await webServer(new Map());
    const env = { AWS_ACCESS_KEY_ID: 'me', AWS_SECRET_ACCESS_KEY: 'secret', AWS_ENDPOINT_URL: url };
    const store = await traceStore('s3://bucket/some/where', env);
    expect(await read(store, digest)).toBeUndefined();
    await store.put(digest, path);
    await store.put(digest, path);
    expect(await read(store, digest)).toBe('c'.repeat(100));
    expect(asked.map(({ method }) => method)).toEqual(['GET', 'HEAD', 'PUT', 'HEAD', 'GET']);
    for (const { url: at, headers } of asked) {
      expect(at).toBe(`/bucket/some/where/${digest}`);
      expect(headers.authorization).toMatch(
        /^AWS4-HMAC-SHA256 Credential=me\/\d{8}\/us-east-1\/s3\/aws4_request, /,
      );
    }
    expect(asked[2]!.headers['x-amz-content-sha256']).toBe(digest);
    await expect(traceStore('s3://bucket', {})).rejects.toThrow(/expected AWS_ACCESS_KEY_ID/);
  });
});

describe('a cache', () => {
  const puts = async (folder: string, ...all: Buffer[]): Promise<[TraceStore, ...string[]]> => {
    const store = await traceStore(folder, {});
    const digests: string[] = [];
    for (const bytes of all) {
      const { path, digest } = fileOf(bytes);
      await store.put(digest, path);
      digests.push(digest);
    }
    return [store, ...digests];
  };
  const kept = (folder: string) => readdirSync(folder).sort();

  it('fetches once, also for two at a time', async () => {
    const [store, digest] = await puts(temporaryFolder(), bytesOf('a', 1000));
    const cache = new TraceCache(join(temporaryFolder(), 'cache'), 10_000, store);
    const use = () => cache.using([digest!], async ([path]) => readFileSync(path!, 'latin1'));
    expect(await Promise.all([use(), use()])).toEqual(['a'.repeat(1000), 'a'.repeat(1000)]);
    await use();
    expect(cache.fetchedBytes).toBe(1000);
  });

  it('refuses other bytes than were asked for, what is nowhere, and what is no digest', async () => {
    const folder = temporaryFolder();
    const cacheFolder = temporaryFolder();
    const [store, digest] = await puts(folder, bytesOf('a', 1000));
    writeFileSync(join(folder, digest!), 'b');
    const cache = new TraceCache(cacheFolder, 10_000, store);
    const use = (name: string) => cache.using([name], async () => {});
    await expect(use(digest!)).rejects.toThrow(/has other bytes there, whose SHA-256 is 3e23/);
    await expect(use('0'.repeat(64))).rejects.toThrow(/not in /);
    await expect(use('../../etc/passwd')).rejects.toThrow(/expected 64 hexadecimal digits/);
    await expect(new TraceCache(cacheFolder, 1, undefined).using([digest!], async () => {})).rejects.toThrow(
      /found no --traces/,
    );
    expect(kept(cacheFolder)).toEqual([]);
  });

  it('takes away what was used longest ago, but nothing in use and nothing of others', async () => {
    const folder = temporaryFolder();
    const [store, a, b, c] = await puts(
      temporaryFolder(),
      ...['a', 'b', 'c'].map((one) => bytesOf(one, 400)),
    );
    writeFileSync(join(folder, 'mine.txt'), 'mine');
    const cache = new TraceCache(folder, 1000, store);
    await cache.using([a!], async () => {});
    await cache.using([b!], async () => {});
    utimesSync(join(folder, a!), 1, 1);
    await cache.using([b!], () => cache.using([c!], async () => {}));
    expect(kept(folder)).toEqual(['mine.txt', b!, c!].sort());
    await cache.using([b!, c!], async () => {
      // Both stay, though it is one too many.
      await cache.using([a!], async () => {});
    });
    expect(kept(folder)).toEqual(['mine.txt', a!, b!, c!].sort());
    const large = new TraceCache(folder, 300, store);
    await expect(large.using(['0'.repeat(64)], async () => {})).rejects.toThrow(/not in/);
  });

  const DISK = FULL ? temporaryDisk() : undefined;
  it.skipIf(DISK === undefined)(
    'on a full disk makes room, and fails when there is none (needs mount)',
    async () => {
      const all = ['a', 'b', 'c'].map((one) => bytesOf(one, 400_000));
      const [store, a, b, c] = await puts(temporaryFolder(), ...all, bytesOf('d', 2_000_000));
      const cache = new TraceCache(DISK!, 10 ** 9, store);
      for (const digest of [a!, b!]) await cache.using([digest], async () => {});
      await cache.using([c!], async ([path]) => {
        expect(readFileSync(path!)).toEqual(all[2]);
      });
      const d = digestOf(bytesOf('d', 2_000_000));
      await expect(cache.using([d], async () => {})).rejects.toThrow(/cannot be written: ENOSPC/);
      expect(kept(DISK!).filter((name) => name.endsWith('.part'))).toEqual([]);
      await cache.using([a!], async () => {});
      expect(existsSync(join(DISK!, a!))).toBe(true);
    },
  );

  /** Of one megabyte, where this user may mount one. */
  function temporaryDisk(): string | undefined {
    const folder = readyFolder();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0;
    if (!mounted) return undefined;
    process.on('exit', () => spawnSync('umount', [folder]));
    return folder;
  }
});

function readyFolder(): string {
  return spawnSync('mktemp', ['-d'], { encoding: 'utf8' }).stdout.trim();
}
