/** A Redis of its own for a test, on a free port. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connected, redisAddress } from '../../replay/node/fleet/redis.ts';

const SERVER = 'redis-server';
const isThere = spawnSync(SERVER, ['--version']).status === 0;
if (!isThere && process.env.CI)
  throw new Error(`${SERVER}: not found; CI has to have it (.ci/run installs it)`);

/** Of tests that are skipped without; they say so by their names. */
export const WITHOUT_REDIS = !isThere;

export class RedisServer {
  readonly url: string;
  private readonly port: number;
  private readonly arguments: readonly string[];
  private readonly folder = mkdtempSync(join(tmpdir(), 'vmsplit-redis-'));
  private process: ChildProcess | undefined;

  private constructor(port: number, settings: readonly string[]) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.arguments = settings;
  }

  static async started(...settings: string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), settings);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const own = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', ''];
    this.process = spawn(SERVER, [...own, ...this.arguments], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of this.process.stdout!) if (/Ready to accept/.test(String(line))) break;
    this.process.stdout!.resume();
  }

  /** As when somebody pulls the plug. */
  async kill(): Promise<void> {
    const { process } = this;
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
    const gone = new Promise((resolve) => process.once('exit', resolve));
    process.kill('SIGKILL');
    await gone;
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }

  async flush(): Promise<void> {
    const redis = await connected(await redisAddress({ url: this.url }));
    await redis.flushall();
    redis.disconnect();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
