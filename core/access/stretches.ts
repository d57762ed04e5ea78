/**
 * Stretches: neighbours in a batch that are all accesses of one cpu. Runs are cut out of them, many out of a long one if
 * its accesses keep ending them, so that where a stretch ends is looked for once.
 */
import { fourOf, wordsOf } from '../base/columns.ts';
import type { Batch } from '../event/batch.ts';
import { EVENT_KINDS } from '../event/kinds.ts';

const ACCESS = EVENT_KINDS.access.code;
/** Events that are looked at one by one, at least: most stretches are short. */
const NEAR = 64;

/** Those of one batch, asked about from its front to its back. */
export class Stretches {
  /** Where the one ends that was asked about last. */
  private end = 0;

  /** Where the stretch ends in which the event at `at` lies, an access. */
  endOf(batch: Batch, at: number): number {
    if (at >= this.end) this.end = stretchEnd(batch, batch.cpu[at]!, at);
    return this.end;
  }
}

/** Of a long one, looked for by fours. */
function stretchEnd(batch: Batch, cpu: number, start: number): number {
  const near = Math.min(batch.count, (start + 2 * NEAR - 1) & -NEAR);
  const end = firstOther(batch, cpu, start, near);
  if (end < near || end === batch.count) return end;
  return firstOther(batch, cpu, near + foursOf(batch, cpu, near), batch.count);
}

function firstOther({ kind, cpu: cpus }: Batch, cpu: number, start: number, limit: number): number {
  let at = start;
  while (at < limit && kind[at] === ACCESS && cpus[at] === cpu) at++;
  return at;
}

/** How many events from `start` on are accesses of this cpu, four by four. */
function foursOf({ kind, cpu: cpus, count }: Batch, cpu: number, start: number): number {
  const words = (count - start) >> 2;
  const kinds = wordsOf(kind.subarray(start, count), 4 * words);
  const cpuWords = wordsOf(cpus.subarray(start, count), 4 * words);
  const [access, ours] = [fourOf(ACCESS), fourOf(cpu)];
  let word = 0;
  while (word < words && kinds[word] === access && cpuWords[word] === ours) word++;
  return 4 * word;
}
