/** The lanes that show what advice says: the machine itself, and beside it what cures at the least cost. */
import type { Advice } from './advice.ts';
import { laneText } from './cures/judging.ts';

const MOST_CURES = 2;

/** As `--layouts` takes them; empty where no machine is known. Where nothing of a recording fails, there is nothing to cure. */
export function bestLanes({ machine, trace, tried }: Advice): string[] {
  const own = trace?.lane ?? (machine && laneText(machine.lane));
  const isFine = trace?.failures === 0;
  const cures = isFine ? [] : (tried?.candidates.filter((candidate) => candidate.cures) ?? []);
  return own === undefined ? [] : [own, ...cures.slice(0, MOST_CURES).map(({ lane }) => lane)];
}
