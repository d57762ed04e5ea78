/** Where Redis is, and connections to it. Who does not ask for a fleet loads nothing of this. */
import { readFile } from 'node:fs/promises';
import type { Redis, RedisOptions } from 'ioredis';
import { UsageError } from '../../../core/base/errors.ts';

export interface RedisAddress {
  /** Without its password, for people. */
  readonly shown: string;
  readonly options: RedisOptions;
}

export interface RedisArguments {
  /** `redis://[user[:password]@]host[:port][/database]`, or `rediss:` for TLS. */
  readonly url: string;
  /** In the place of that of the URL, which everybody sees in a list of processes. */
  readonly password?: string | undefined;
  /** A file with certificates of who may vouch for the server, in the place of the usual ones. */
  readonly caFile?: string | undefined;
}

const DEFAULT_PORT = 6379;

export async function redisAddress({ url, password, caFile }: RedisArguments): Promise<RedisAddress> {
  const parsed = parsedUrl(url);
  const isTls = parsed.protocol === 'rediss:';
  if (caFile !== undefined && !isTls)
    throw new UsageError(`--redis-ca: found with ${parsed.protocol}//, expected rediss://, which is TLS`);
  const database = Number(parsed.pathname.slice(1) || '0');
  if (!Number.isInteger(database) || database < 0)
    throw new UsageError(`--redis: found database ${parsed.pathname.slice(1)}, expected its number`);
  const secret = password ?? decodeURIComponent(parsed.password);
  const username = decodeURIComponent(parsed.username);
  return {
    shown: `${parsed.protocol}//${parsed.username === '' ? '' : `${parsed.username}@`}${parsed.host}${parsed.pathname}`,
    options: {
      host: parsed.hostname.replace(/^\[|\]$/g, ''),
      port: Number(parsed.port || DEFAULT_PORT),
      db: database,
      ...(username !== '' && { username }),
      ...(secret !== '' && { password: secret }),
      ...(isTls && { tls: caFile === undefined ? {} : { ca: await certificates(caFile) } }),
    },
  };
}

function parsedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '') return url;
  throw new UsageError(
    '--redis: found no address of a Redis, expected such as redis://host:6379 or rediss://user@host:6380/1',
  );
}

async function certificates(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--redis-ca ${file}: cannot be read: ${(error as Error).message}`);
  }
}

/** How long the first answer may take. */
const CONNECT_MS = 10_000;

/** A connection that comes back by itself whenever the server does. UsageError where there is none to begin with. */
export async function connected({ shown, options }: RedisAddress): Promise<Redis> {
  const { Redis } = await import('ioredis');
  const redis = new Redis({
    ...options,
    replyMapping: 'legacy',
    // What a blocking command needs: it waits for as long as it takes.
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_MS,
    lazyConnect: true,
    retryStrategy: (times: number) => Math.min(times * 100, 2000),
  });
  let last: Error | undefined;
  redis.on('error', (error: Error) => {
    last = error;
  });
  const isThere = await Promise.race([
    redis.connect().then(
      () => redis.ping().then(() => true),
      () => false,
    ),
    new Promise<boolean>((resolve) => setTimeout(resolve, CONNECT_MS, false).unref()),
  ]).catch((error: Error) => {
    last = error;
    return false;
  });
  if (isThere) return redis;
  redis.disconnect();
  throw new UsageError(
    `--redis ${shown}: cannot be reached: ${last?.message || 'no answer'}; expected a Redis there: is it running, is the password right (VMSPLIT_REDIS_PASSWORD)?`,
  );
}
