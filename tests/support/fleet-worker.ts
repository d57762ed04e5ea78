/** A worker of a fleet as a process: node --import .../register.mjs fleet-worker.ts URL LOCK_MS CACHE [STORE]. */

import { redisAddress } from '../../replay/node/fleet/redis.ts';
import { TraceCache } from '../../replay/node/fleet/trace-cache.ts';
import { traceStore } from '../../replay/node/fleet/trace-store.ts';
import { workOnJobs } from '../../replay/node/fleet/worker.ts';
import { filesOf } from '../../replay/node/job-files.ts';
import { carryOutPass } from '../../replay/run/carry-out-pass.ts';

const [url, lockMs, cache, store] = process.argv.slice(2) as [string, string, string, string?];
const { signal } = new AbortController();

await workOnJobs({
  redis: await redisAddress({ url }),
  version: 'test/1',
  jobs: 1,
  cache: new TraceCache(cache, 2 ** 20, store === undefined ? undefined : await traceStore(store, {})),
  // Here a replay is over in a moment; a real worker has threads for it.
  async carryOut(runs, stop, files) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return carryOutPass(runs, filesOf(files), { signal: stop });
  },
  lockMs: Number(lockMs),
  signal,
  onEvent: (line) => process.stdout.write(`${line}\n`),
});
