/**
 * What things took on the machine that was captured, by the times of its trace: medians, so that what came in between does
 * not count. Figures that a trace does not tell are those of the swap capture with all events, where an instruction takes
 * 2 ns.
 *
 * A process of 100 MiB that was killed had the cpu for 65 ms until it was gone: 2.5 us an entry. Handing a request over takes
 * 150 us for 61 pages: so long it is from the last look of a round to its end. The disk is a file of the host and takes real
 * time, which no trace tells but by when pages that were written can be freed: of the i386 capture six pages handed over at
 * the end of a round are all written when the next one begins, 30 us later; of the amd64 capture 254, while the 6 that are left
 * of their batch are made ready. OTHER_DISKS say how much it counts that these are no other figures.
 */
import type { Costs } from '../../../core/base/cost.ts';

const USUAL = {
  faultNs: 14_000,
  clearPageNs: 2_000,
  scanPageNs: 2_500,
  passPageNs: 170,
  scanRoundNs: 22_000,
  pageFreeNs: 5_000,
  pteNs: 2_500,
  diskSubmitNs: 11_500,
  diskRequestNs: 2_300,
  diskWriteNs: 500,
  diskDelayNs: 20_000,
  diskReadNs: 100_000,
  fileReadNs: 18_700,
  copyPageNs: 14_300,
  kmallocNs: 2_400,
  kfreeNs: 730,
} as const satisfies Partial<Costs>;

/** Disks that are so many times as fast as the one captured, to read from and to write to. */
export const OTHER_DISKS = [4, 2, 1.4, 0.7, 0.5] as const;

/** Freeing fewer at a time is mostly what a round costs beside. */
const FEWEST_FREED = 8;
/** A median of fewer is a chance. */
const FEWEST = 20;
const NS = 1e9;

const EVENT = /^\s*(\S+)\s+\[\d+\]\s+\S+\s+([\d.]+): (mm_vmscan_\w+|page_fault_user): (.*)$/gm;
const SHRUNK = /nr_scanned=(\d+) nr_reclaimed=(\d+).* nr_ref_keep=(\d+)/;

/** Times between neighbouring events of one task, by what they tell of; in nanoseconds. */
interface Gaps {
  readonly writes: number[];
  readonly scans: number[];
  readonly faults: number[];
  /** The same where each fault is told. */
  readonly toldFaults: number[];
  /** A page that was looked at and freed. */
  readonly frees: number[];
}

/** Of a disk that is so many times as fast as the captured one. */
export function diskCosts(speed: number): Pick<Costs, 'diskWriteNs' | 'diskDelayNs' | 'diskReadNs'> {
  const { diskWriteNs, diskDelayNs, diskReadNs } = USUAL;
  return {
    diskWriteNs: Math.round(diskWriteNs / speed),
    diskDelayNs: Math.round(diskDelayNs / speed),
    diskReadNs: Math.round(diskReadNs / speed),
  };
}

export function capturedCosts(trace: string): Partial<Costs> {
  const { writes, scans, faults, toldFaults, frees } = gapsIn(trace);
  const scanPageNs = median(scans) ?? USUAL.scanPageNs;
  const write = median(writes);
  const fault = median(toldFaults) ?? median(faults);
  const free = median(frees);
  return {
    ...USUAL,
    scanPageNs,
    ...(free !== undefined && { pageFreeNs: Math.max(0, free - scanPageNs) }),
    ...(write !== undefined && { diskSubmitNs: Math.max(0, write - scanPageNs) }),
    ...(fault !== undefined && { faultNs: Math.max(0, fault - USUAL.clearPageNs) }),
  };
}

interface Before {
  readonly task: string;
  readonly atNs: number;
  readonly name: string;
}

/** Between two writes a page was looked at and written; two looks at 32 pages that stay are 32 looks apart. */
function gapsIn(trace: string): Gaps {
  const gaps: Gaps = { writes: [], scans: [], faults: [], toldFaults: [], frees: [] };
  let before: Before = { task: '', atNs: 0, name: '' };
  let freed = 0;
  for (const [, task, time, name, rest] of trace.matchAll(EVENT)) {
    const atNs = Number(time) * NS;
    const isNext = before.task === task;
    if (name === 'mm_vmscan_write_folio' && isNext && before.name === name)
      gaps.writes.push(atNs - before.atNs);
    if (name === 'page_fault_user' && isNext && before.name === name)
      gaps.toldFaults.push(atNs - before.atNs);
    const [, scanned, taken, kept] = SHRUNK.exec(rest!) ?? [];
    const isShrunk = name === 'mm_vmscan_lru_shrink_inactive';
    const follows = before.name === name || before.name === 'mm_vmscan_lru_isolate';
    if (isShrunk && isNext && follows && scanned === kept && scanned === '32')
      gaps.scans.push((atNs - before.atNs) / 32);
    if (isShrunk && isNext && follows && scanned === taken && Number(scanned) >= FEWEST_FREED)
      gaps.frees.push((atNs - before.atNs) / Number(scanned));
    // From the end of a direct reclaim to the next one all that it freed is used up, a fault each, if kswapd does nothing.
    if (name === 'mm_vmscan_direct_reclaim_end') freed = Number(/nr_reclaimed=(\d+)/.exec(rest!)?.[1] ?? 0);
    if (name === 'mm_vmscan_direct_reclaim_begin' && isNext && freed > 0)
      gaps.faults.push((atNs - before.atNs) / freed);
    before = { task: task!, atNs, name: name! };
  }
  return gaps;
}

function median(values: readonly number[]): number | undefined {
  if (values.length < FEWEST) return undefined;
  return Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!);
}
