/** Page-table isolation changes nothing but time and what TLBs hold. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../../../core/base/cost.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import { EXECUTE, KERNEL_MODE, OPERATION_MASK } from '../../../core/event/access-mode.ts';
import { EVENT_KINDS } from '../../../core/event/kinds.ts';
import { fold } from '../../../core/fold/fold.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { type CounterName, countersOf } from '../../../core/outcome/counters.ts';
import { ADDRESS_SHIFT, ADDRESS_USER, ADDRESS_VIRTUAL, TLB_MASK } from '../../../core/outcome/outcome.ts';
import { CPU } from '../../../core/state/cpus.ts';
import { batchOfRows, type Row, randomEvents } from '../../generators/random-events.ts';
import { atDepth } from '../../support/depth.ts';
import { machineOf } from '../../support/rows.ts';

/** Addresses that do not depend on the frame behind them. */
const MAPPED: readonly number[] = [ADDRESS_USER, ADDRESS_VIRTUAL];

/** What isolation may change. */
const ITS_OWN: readonly CounterName[] = ['kptiSwitches', 'tlbFlushes'];
const OF_TLBS: readonly CounterName[] = [
  ...(['l1Hits', 'l2Hits', 'walks', 'walkReferences', 'walkCacheHits', 'dirtyAssists'] as const),
  ...(['fetchL2Hits', 'kernelL2Hits', 'kernelFetchL2Hits'] as const),
  ...(['fetchWalks', 'kernelWalks', 'kernelFetchWalks'] as const),
  ...([1, 2, 3, 4, 5] as const).map((level) => `walkReadsLevel${level}` as const),
];
const OF_FRAMES: readonly CounterName[] = [
  ...(['pageTablePages', 'pageTablePagesPeak', 'buddySplits', 'buddyMerges', 'lowFreeLowest'] as const),
  ...(['pcpRefills', 'pcpDrainedBlocks', 'migrateTypeFallbacks'] as const),
];

test.each([true, false])(
  'the same trace with and without it, PCID %s: other TLB hits and times, nothing else',
  (pcid) => {
    const boot = (kpti: boolean): Machine =>
      machineOf('linux-x86_64', 1024, { cpus: 4 }, { mmu: { kpti, pcid } });
    const [off, on] = [boot(false), boot(true)];
    const property = fc.property(randomEvents(400, undefined, 0), (rows) => {
      const batch = batchOfRows(rows.filter(isTimeOfNoFrame).map(withoutKernelFetch));
      const [without, with_] = [fold(off, batch), fold(on, batch)];
      for (let at = 0; at < batch.count; at++) {
        const facts = ({ outcomes: { status, flags, vpn } }: typeof without) => [
          status[at],
          flags[at]! & ~TLB_MASK,
          // Which frame is given, and so its logical and bus address, depends on the pages of the roots.
          MAPPED.includes(flags[at]! >> ADDRESS_SHIFT) ? vpn[at] : 0,
        ];
        expect(facts(with_), `event ${at}`).toEqual(facts(without));
      }
      expect(unchanged(with_.machine)).toEqual(unchanged(without.machine));
      expect(nsExplained(with_.machine)).toBe(nsExplained(without.machine));
      expect(checkMachine(with_.machine)).toEqual([]);
    });
    fc.assert(property, { numRuns: atDepth({ quick: 3, full: 8 }), endOnFailure: true });
  },
);

/** How many physical runs a list of pages is mapped as depends on the frames. */
function isTimeOfNoFrame([code]: Row): boolean {
  return code !== EVENT_KINDS.dma_map_sg.code;
}

/** The kernel runs no user code with isolation: that is no other time, but another outcome. */
function withoutKernelFetch(row: Row): Row {
  const [code, cpu, thinkNs, object, offset, size, mode] = row;
  const isFetch = code === EVENT_KINDS.access.code && (mode & OPERATION_MASK) === EXECUTE;
  return isFetch ? [code, cpu, thinkNs, object, offset, size, mode & ~KERNEL_MODE] : row;
}

function unchanged({ counters }: Machine): Partial<Record<CounterName, number>> {
  const mayDiffer = [...ITS_OWN, ...OF_TLBS, ...OF_FRAMES];
  return Object.fromEntries(
    Object.entries(countersOf(counters)).filter(([name]) => !mayDiffer.includes(name as CounterName)),
  );
}

/** All cpus' time, less what CR3 and the TLBs took of it. */
function nsExplained(machine: Machine): number {
  const { kptiSwitches, l2Hits, walkReferences } = countersOf(machine.counters);
  const { cr3WriteNs, l2TlbHitNs, walkReferenceNs } = DEFAULT_COSTS;
  let ns = -kptiSwitches * cr3WriteNs - l2Hits * l2TlbHitNs - walkReferences * walkReferenceNs;
  for (let cpu = 0; cpu < 4; cpu++) ns += machine.cpus.get(cpu, CPU.clockNs);
  return ns;
}
