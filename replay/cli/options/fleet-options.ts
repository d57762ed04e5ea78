/** `--redis` and what goes with it: the same words for who asks and for who works. */
import type { Command } from 'commander';
import { type RedisAddress, redisAddress } from '../../node/fleet/redis.ts';
import { type TraceStore, traceStore } from '../../node/fleet/trace-store.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface FleetArguments {
  readonly redis?: string;
  readonly redisCa?: string;
  readonly traces?: string;
}

const PASSWORD = 'VMSPLIT_REDIS_PASSWORD';

export const FLEET_HELP = `
Redis as redis://HOST:PORT/DATABASE, with TLS as rediss://; a password in ${PASSWORD}, where nobody sees it.
Traces lie by the SHA-256 of their bytes in a folder that all machines share, on a web server (http://...), or in an
S3-compatible store (s3://BUCKET/PREFIX; AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL, AWS_REGION).`;

export function addFleetOptions(command: Command): Command {
  return command
    .option('--redis <url>', 'the queue of a fleet of workers: redis://host:6379')
    .option(
      '--redis-ca <file>',
      'certificates that vouch for a rediss:// server, in the place of the usual ones',
    )
    .option('--traces <where>', 'where workers find traces: a shared folder, http://..., s3://BUCKET/PREFIX');
}

export function addressOf(
  terminal: Terminal,
  url: string,
  { redisCa }: FleetArguments,
): Promise<RedisAddress> {
  return redisAddress({ url, caFile: redisCa, password: terminal.env[PASSWORD] });
}

export async function storeOf(
  terminal: Terminal,
  { traces }: FleetArguments,
): Promise<TraceStore | undefined> {
  return traces === undefined ? undefined : traceStore(traces, terminal.env);
}
