/** What became of a stream of pages between two machines, in the words of translation.c. */
import { countersOf, type Machine } from '../../../core/index.ts';
import { fnv } from '../../inputs/streams.ts';

/** Of a stream whose every hit is known. `faults`: if the machines do not count them. */
export function translationsText(
  words: Uint32Array,
  before: Machine,
  after: Machine,
  faults = faultsIn(after) - faultsIn(before),
): string {
  const { l2, walks } = missesBetween(before, after);
  return `stream ${fnv(words)}, L1 ${words.length - l2 - walks}, L2 ${l2}, walks ${walks}, faults ${faults}`;
}

/** Of a recorded program. */
export function recordedText(words: Uint32Array, before: Machine, after: Machine): string {
  const { walks } = missesBetween(before, after);
  return `stream ${fnv(words)}, hits ${words.length - walks}, walks ${walks}`;
}

function missesBetween(before: Machine, after: Machine): { readonly l2: number; readonly walks: number } {
  const [from, to] = [countersOf(before.counters), countersOf(after.counters)];
  return { l2: to.l2Hits - from.l2Hits, walks: to.walks - from.walks };
}

function faultsIn({ counters }: Machine): number {
  const { demandZeroFaults, zeroPageFaults } = countersOf(counters);
  return demandZeroFaults + zeroPageFaults;
}
