/** A fleet with a real Redis: the results of one machine, whatever is stopped, killed or restarted. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { filesOf } from '../../../../replay/node/job-files.ts';
import { SweepFolder } from '../../../../replay/node/sweep-folder.ts';
import { carryOutPass } from '../../../../replay/run/carry-out-pass.ts';
import { FULL, LONG } from '../../../support/depth.ts';
import { WITHOUT_REDIS } from '../../../support/redis-server.ts';
import { temporaryFolder } from '../../cli/vmsplit.ts';
import { asked, fleetOnRedis, LOCK_MS, local, plan, rows } from './fleet-on-redis.ts';

describe.skipIf(WITHOUT_REDIS)('a fleet (needs redis-server)', async () => {
  const { server, fleet, worker } = await fleetOnRedis();

  /** One that can be killed. */
  function workerProcess(cache = temporaryFolder(), store?: string): ChildProcess {
    const loader = `--import=${new URL('../../../support/loader/register.mjs', import.meta.url)}`;
    const program = new URL('../../../support/fleet-worker.ts', import.meta.url).pathname;
    const words = [
      loader,
      program,
      server.url,
      String(LOCK_MS),
      cache,
      ...(store === undefined ? [] : [store]),
    ];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  }

  /** When it has done a job it is at the next one. */
  function killAtWork(child: ChildProcess): void {
    child.stdout!.once('data', () => setTimeout(() => child.kill('SIGKILL'), 40));
  }

  /** Every so often, with another one in its place. */
  function keepKilling(child: ChildProcess): void {
    setTimeout(
      () => {
        child.kill('SIGKILL');
        keepKilling(workerProcess());
      },
      2000 + 100 * (child.pid! % 30),
    ).unref();
  }

  it('is left by Ctrl-C as it is, and the same sweep goes on', async () => {
    const planned = await plan('seed=1..6');
    const store = new SweepFolder(temporaryFolder());
    const interruption = new AbortController();
    const reason = new Error('Ctrl-C');
    const pool = await fleet();
    const first = worker({ jobs: 1 });
    let found = 0;
    const broken = asked(planned, pool, {
      store,
      signal: interruption.signal,
      onPoint() {
        if (++found === 2) interruption.abort(reason);
      },
    });
    await expect(broken).rejects.toBe(reason);
    await first.stop();
    worker();
    const resumed = await asked(planned, await fleet(), { store });
    expect(resumed.kept).toBeGreaterThanOrEqual(2);
    expect(rows(resumed)).toEqual(rows(await local(planned)));
  });

  it('gives back what a worker was at when it was stopped', async () => {
    const planned = await plan('seed=1..3');
    let begun = () => {};
    const isAtWork = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const slow = worker({
      carryOut(_, signal) {
        begun();
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    const result = asked(planned, await fleet());
    await isAtWork;
    await slow.stop();
    worker();
    expect(rows(await result)).toEqual(rows(await local(planned)));
  });

  it.runIf(FULL)(
    'goes on when Redis was killed in between: its append-only file has everything',
    async () => {
      const planned = await plan('seed=1..8');
      worker({
        async carryOut(runs, signal, files) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          return carryOutPass(runs, filesOf(files), { signal });
        },
      });
      let found = 0;
      let restarted: Promise<void> | undefined;
      const result = await asked(planned, await fleet(), {
        onPoint() {
          if (++found === 2) restarted = server.kill().then(() => server.start());
        },
      });
      await restarted;
      expect(rows(result)).toEqual(rows(await local(planned)));
    },
  );

  const nrPoints = LONG ? 1000 : 12;
  it.runIf(FULL)(
    `loses nothing when workers are killed: ${nrPoints} points`,
    async () => {
      const planned = await plan(`seed=1..${nrPoints}`);
      const first = workerProcess();
      const killed = once(first, 'exit');
      killAtWork(first);
      if (LONG) for (const child of [workerProcess(), workerProcess()]) keepKilling(child);
      const events: string[] = [];
      const result = asked(planned, await fleet(events));
      await killed;
      worker();
      expect(rows(await result)).toEqual(rows(await local(planned)));
      expect(events.join('\n')).toMatch(/its worker is gone; another one takes it/);
    },
    600_000,
  );
});
