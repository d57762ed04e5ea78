/** A fleet with a real Redis: the results of one machine, and who is told or refused what. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { jobFor, jobNumber, outcomeToText } from '../../../../replay/node/fleet/job.ts';
import { resultKey } from '../../../../replay/node/fleet/keys.ts';
import { connected, redisAddress } from '../../../../replay/node/fleet/redis.ts';
import { TraceCache } from '../../../../replay/node/fleet/trace-cache.ts';
import { traceStore } from '../../../../replay/node/fleet/trace-store.ts';
import { filesOf } from '../../../../replay/node/job-files.ts';
import { nodeFiles } from '../../../../replay/node/run-files.ts';
import { carryOut } from '../../../../replay/run/carry-out.ts';
import { carryOutPass } from '../../../../replay/run/carry-out-pass.ts';
import type { RunSpec } from '../../../../replay/spec/index.ts';
import { donePoints, planSweep } from '../../../../replay/sweep/index.ts';
import { WITHOUT_REDIS } from '../../../support/redis-server.ts';
import { temporaryFolder } from '../../cli/vmsplit.ts';
import { asked, BASE, fleetOnRedis, local, plan, rows, VERSION } from './fleet-on-redis.ts';

describe.skipIf(WITHOUT_REDIS)('a fleet (needs redis-server)', async () => {
  const { address, fleet, worker } = await fleetOnRedis();

  it('has the results of one machine, passes and points that cannot be among them', async () => {
    const planned = await plan('mmu.l2.ways=3,6,12', 'seed=1,2', 'ram=1M,512M');
    worker();
    const result = await asked(planned, await fleet());
    expect(rows(result)).toEqual(rows(await local(planned)));
    expect(result.points.filter((point) => 'reason' in point)).toHaveLength(6);
    expect(donePoints(result).map(({ how }) => how)).toEqual([
      'replay',
      'replay',
      'pass',
      'pass',
      'pass',
      'pass',
    ]);
  });

  it('tells who waits that there is no worker', async () => {
    const events: string[] = [];
    const interruption = new AbortController();
    const asking = asked(await plan('seed=1'), await fleet(events), { signal: interruption.signal });
    await expect
      .poll(() => events.join())
      .toMatch(/^no worker yet: run `vmsplit worker --redis redis:\/\/127/);
    interruption.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('enough');
  });

  it('brings traces and texts by their content, and finds them again in the cache', async () => {
    const [folder, cacheFolder] = [temporaryFolder(), temporaryFolder()];
    const base: RunSpec = {
      events: { trace: 'tests/fixtures/packed/drivers-600.vmt.zst' },
      machine: {},
      lanes: [{ layout: 'tests/fixtures/layouts/board.json' }],
    };
    const planned = await planSweep(base, ['ram=64M,128M,256M'], nodeFiles);
    const cache = new TraceCache(cacheFolder, 2 ** 20, await traceStore(folder, {}));
    worker({ cache });
    const result = await asked(planned, await fleet([], folder));
    expect(rows(result)).toEqual(rows(await local(planned)));
    expect(cache.fetchedBytes).toBe(2308);
    const without = await fleet();
    await expect(asked(planned, without)).rejects.toThrow(/found a trace and no --traces/);
  });

  it('sends a worker of another version away, and tells who asked', async () => {
    const planned = await plan('seed=1,2');
    const events: string[] = [];
    const old = worker({ version: 'test/0' });
    const pool = await fleet(events);
    const result = asked(planned, pool);
    expect(await old.end).toMatchObject({
      message: expect.stringMatching(/found jobs of vmsplit test\/1, this is test\/0; expected the same/),
    });
    worker();
    expect(rows(await result)).toEqual(rows(await local(planned)));
    await expect.poll(() => events.join()).toMatch(/worker \S+ was refused: found jobs of vmsplit test\/1/);
  });

  it('lets the first results of a job stand; who comes to others is sent away', async () => {
    const run: RunSpec = { ...BASE, events: { workload: 'drivers', events: 200 } };
    const number = jobNumber(await jobFor(VERSION, [run], nodeFiles));
    const own = await carryOut(run, nodeFiles);
    const redis = await connected(address);
    onTestFinished(() => redis.disconnect());
    const events: string[] = [];
    const other = worker({
      async carryOut(runs, _, files) {
        // Meanwhile somebody else was given the job, and was faster.
        await redis.set(resultKey(number), await outcomeToText({ results: [own] }));
        const [result] = await carryOutPass(runs, filesOf(files));
        const [layout] = result!.layouts;
        return [{ ...result!, layouts: [{ ...layout!, digest: '0'.repeat(16) }] }];
      },
    });
    const pool = await fleet(events);
    const result = await pool.run(run);
    expect(result.layouts[0]!.digest).toBe(own.layouts[0]!.digest);
    expect(await other.end).toMatchObject({ message: expect.stringMatching(/other results for job/) });
    await expect.poll(() => events.join()).toMatch(/was refused: found other results/);
  });

  it('a job that is none, or names what it does not bring, harms nobody', async () => {
    const { Queue } = await import('bullmq');
    const redis = await connected(address);
    const queue = new Queue('jobs', { connection: redis, prefix: 'vmsplit' });
    onTestFinished(async () => {
      await queue.close();
      redis.disconnect();
    });
    const evil = { ...BASE, events: { trace: '/etc/passwd' } };
    await queue.add('pass', { version: VERSION, runs: 'rm -rf' });
    await queue.add('pass', {
      version: VERSION,
      runs: [evil],
      texts: {},
      traces: { '/etc/passwd': '../../etc' },
    });
    worker();
    await expect.poll(() => queue.getFailedCount()).toBe(2);
    expect((await queue.getFailed()).map(({ failedReason }) => failedReason).sort()).toEqual([
      expect.stringMatching(/^a job of the queue: found "..\/..\/etc" for \/etc\/passwd, expected 64/),
      expect.stringMatching(/^a job of the queue: found no run specifications/),
    ]);
    expect((await asked(await plan('seed=1'), await fleet())).points).toHaveLength(1);
  });
});

it('an address is one, and a server has to be there', async () => {
  for (const url of ['localhost:6379', 'http://a', 'redis://'])
    await expect(redisAddress({ url })).rejects.toThrow(/--redis: found no address/);
  await expect(redisAddress({ url: 'redis://a/x' })).rejects.toThrow(/found database x/);
  await expect(redisAddress({ url: 'redis://a', caFile: 'ca.pem' })).rejects.toThrow(/expected rediss/);
  const { shown, options } = await redisAddress({ url: 'rediss://me:secret@host:7000/2' });
  expect(shown).toBe('rediss://me@host:7000/2');
  expect(options).toMatchObject({
    host: 'host',
    port: 7000,
    db: 2,
    username: 'me',
    password: 'secret',
    tls: {},
  });
  const nobody = redisAddress({ url: 'redis://:secret@127.0.0.1:1' });
  await expect(nobody.then(connected)).rejects.toThrow(/redis:\/\/127\.0\.0\.1:1: cannot be reached/);
});
