/** What became of a stream of pages between two machines, in the words of translation.c. */
import { countersOf, type Machine } from '../../../core/index.ts';
import { fnv } from '../../inputs/streams.ts';

/** `faults`: if the machines do not count them. */
export function translationsText(
  words: Uint32Array,
  before: Machine,
  after: Machine,
  faults = faultsIn(after) - faultsIn(before),
): string {
  const [from, to] = [countersOf(before.counters), countersOf(after.counters)];
  const l2 = to.l2Hits - from.l2Hits;
  const walks = to.walks - from.walks;
  return `stream ${fnv(words)}, L1 ${words.length - l2 - walks}, L2 ${l2}, walks ${walks}, faults ${faults}`;
}

function faultsIn({ counters }: Machine): number {
  const { demandZeroFaults, zeroPageFaults, copyOnWriteFaults } = countersOf(counters);
  return demandZeroFaults + zeroPageFaults + copyOnWriteFaults;
}
