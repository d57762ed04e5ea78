/** Where traces lie for all machines, by the SHA-256 of their bytes: a folder that they share, a web server, an S3-compatible store. */
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { AwsClient } from 'aws4fetch';
import { UsageError } from '../../../core/base/errors.ts';

export interface TraceStore {
  /** For people. */
  readonly name: string;
  /** Undefined: it is not there. Nothing is known of the bytes yet. */
  get(digest: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Puts a file there unless it is there already; UsageError where nothing can be put. */
  put(digest: string, path: string): Promise<void>;
}

/** A folder, `http(s)://HOST/FOLDER/`, or `s3://BUCKET/PREFIX` with credentials and endpoint from AWS_... of the environment. */
export async function traceStore(
  where: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<TraceStore> {
  if (/^https?:/.test(where)) return webStore(where);
  return where.startsWith('s3:') ? s3Store(where, env) : new FolderStore(where);
}

class FolderStore implements TraceStore {
  readonly name: string;

  constructor(folder: string) {
    this.name = folder;
  }

  async get(digest: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const path = join(this.name, digest);
    return (await isFile(path)) ? createReadStream(path) : undefined;
  }

  async put(digest: string, path: string): Promise<void> {
    const to = join(this.name, digest);
    if (await isFile(to)) return;
    await mkdir(this.name, { recursive: true });
    const part = `${to}.${process.pid}.part`;
    try {
      await copyFile(path, part);
      await rename(part, to);
    } catch (error) {
      await rm(part, { force: true });
      throw new UsageError(`--traces ${this.name}: cannot be written: ${(error as Error).message}`);
    }
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

function webStore(base: string): TraceStore {
  const folder = base.endsWith('/') ? base : `${base}/`;
  const answer = (digest: string, init?: RequestInit) => asked(base, fetch, `${folder}${digest}`, init);
  return {
    name: base,
    get: async (digest) => bodyOf(await answer(digest)),
    async put(digest) {
      if ((await answer(digest, { method: 'HEAD' })) !== undefined) return;
      throw new UsageError(
        `--traces ${base}: found no ${digest} there, expected the trace: put it there by that name`,
      );
    },
  };
}

const DEFAULT_REGION = 'us-east-1';

async function s3Store(
  where: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<TraceStore> {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(where) ?? [];
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (bucket === undefined) throw new UsageError(`--traces ${where}: expected such as s3://BUCKET/PREFIX`);
  if (!accessKeyId || !secretAccessKey)
    throw new UsageError(
      `--traces ${where}: expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment`,
    );
  const { AwsClient } = await import('aws4fetch');
  const region = env.AWS_REGION ?? DEFAULT_REGION;
  const endpoint = env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL ?? `https://s3.${region}.amazonaws.com`;
  const client: AwsClient = new AwsClient({
    accessKeyId,
    secretAccessKey,
    ...(env.AWS_SESSION_TOKEN && { sessionToken: env.AWS_SESSION_TOKEN }),
    service: 's3',
    region,
  });
  const folder = `${endpoint.replace(/\/$/, '')}/${bucket}/${prefix.replace(/\/?$/, prefix === '' ? '' : '/')}`;
  const signed: Fetch = (url, init) => client.fetch(url, init);
  const answer = (digest: string, init?: RequestInit) => asked(where, signed, `${folder}${digest}`, init);
  return {
    name: where,
    get: async (digest) => bodyOf(await answer(digest)),
    async put(digest, path) {
      if ((await answer(digest, { method: 'HEAD' })) !== undefined) return;
      const { size } = await stat(path);
      const body = Readable.toWeb(createReadStream(path)) as unknown;
      // The name is the digest of the body: nothing else has to be signed, and it need not be in memory.
      const headers = { 'x-amz-content-sha256': digest, 'content-length': String(size) };
      const init = { method: 'PUT', body, headers, duplex: 'half' } as RequestInit;
      if ((await answer(digest, init)) === undefined)
        throw new UsageError(`--traces ${where}: found no such bucket`);
    },
  };
}

/** Undefined: not there. */
async function asked(
  where: string,
  ask: Fetch,
  url: string,
  init?: RequestInit,
): Promise<Response | undefined> {
  const answer = await ask(url, init).catch((error: Error) => {
    throw new Error(`${where}: cannot be reached: ${causeOf(error)}`);
  });
  if (answer.ok) return answer;
  await answer.body?.cancel();
  if (answer.status === 404) return undefined;
  throw new Error(`${where}: answered ${answer.status} ${answer.statusText}`);
}

function causeOf({ message, cause }: Error): string {
  return cause instanceof Error ? cause.message : message;
}

function bodyOf(answer: Response | undefined): AsyncIterable<Uint8Array> | undefined {
  return answer === undefined ? undefined : (answer.body as unknown as AsyncIterable<Uint8Array>);
}
