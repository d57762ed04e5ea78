/** A sweep's side of a fleet: opened, told of, and said again in the line that reproduces it. */
import { type FleetFigures, type FleetPool, fleetPool } from '../../node/fleet/fleet-pool.ts';
import { versionOf } from '../../node/fleet/job.ts';
import { nodeFiles } from '../../node/run-files.ts';
import { formatCount, formatNs, shortBytes } from '../../text/units.ts';
import { addressOf, type FleetArguments, storeOf } from '../options/fleet-options.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { VERSION } from '../terminal/version.ts';

export async function openFleet(terminal: Terminal, url: string, given: FleetArguments): Promise<FleetPool> {
  return fleetPool({
    redis: await addressOf(terminal, url, given),
    version: versionOf(VERSION),
    files: nodeFiles,
    traces: await storeOf(terminal, given),
    onEvent: (line) => terminal.note(line),
  });
}

/** `12 jobs by 4 workers, 3.1 s of work, 20M fetched, 1 failure` */
export function fleetText({ done, failures, workers, workMs, fetchedBytes }: FleetFigures): string {
  return [
    `${formatCount(done)} jobs by ${formatCount(workers)} workers`,
    `${formatNs(Number((workMs * 1e6).toPrecision(3)))} of work`,
    `${shortBytes(fetchedBytes)} fetched`,
    ...(failures > 0 ? [`${formatCount(failures)} failures`] : []),
  ].join(', ');
}

/** Without the password, which does not belong where others read it. */
export function fleetArguments({ redis, redisCa, traces }: FleetArguments): string[] {
  if (redis === undefined) return [];
  const url = URL.canParse(redis) ? new URL(redis) : undefined;
  if (url !== undefined) url.password = '';
  return [
    '--redis',
    url?.href ?? redis,
    ...(redisCa === undefined ? [] : ['--redis-ca', redisCa]),
    ...(traces === undefined ? [] : ['--traces', traces]),
  ];
}
