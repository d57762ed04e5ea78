/** A recording replayed on a machine: every fault that it takes, and its processes at every mark. */

import { type Batch, sliceBatch } from '../../../core/event/batch.ts';
import { EVENT_KINDS } from '../../../core/event/kinds.ts';
import { fold } from '../../../core/fold/fold.ts';
import type { Machine, Process } from '../../../core/machine/machine.ts';
import { faultOf, OK } from '../../../core/outcome/outcome.ts';
import { CPU } from '../../../core/state/cpus.ts';
import { basePageOf } from '../../../core/vm/mapping.ts';
import type { TraceMark } from '../../../traces/index.ts';
import { mappingsOf, type ProcessMapping } from '../../views/process-pages.ts';
import { pageTableKb } from '../../views/process-tables.ts';

const ACCESS = EVENT_KINDS.access.code;

export interface PredictedFault {
  readonly pid: number;
  readonly vpn: number;
  readonly kind: string;
  readonly mode: number;
}

export interface PredictedMoment {
  readonly pid: number;
  readonly kind: TraceMark['kind'];
  readonly mappings: readonly ProcessMapping[];
  readonly pteKb: number;
}

export interface Prediction {
  readonly faults: readonly PredictedFault[];
  readonly moments: readonly PredictedMoment[];
  /** Events that the machine refused, by status. */
  readonly refused: Readonly<Record<string, number>>;
}

export class Predictor {
  private machine: Machine;
  private readonly faults: PredictedFault[] = [];
  private readonly moments: PredictedMoment[] = [];
  private readonly refused: Record<string, number> = {};

  private readonly isCompat: boolean;

  /** @param isCompat the truth is of a 64-bit kernel, of whose tables there are more levels */
  constructor(machine: Machine, isCompat: boolean) {
    this.machine = machine;
    this.isCompat = isCompat;
  }

  /** Folds all batches; a mark is before the event of its number. */
  run(batches: readonly Batch[], marks: readonly TraceMark[]): Prediction {
    const waiting = [...marks];
    let first = 0;
    for (const batch of batches) {
      for (let at = 0; at < batch.count; ) {
        while (waiting[0]?.event === first + at) this.look(waiting.shift()!);
        const next = waiting.length === 0 ? batch.count : Math.min(batch.count, waiting[0]!.event - first);
        const end = endOfRun(batch, at, next);
        this.step(sliceBatch(batch, at, end));
        at = end;
      }
      first += batch.count;
    }
    for (const mark of waiting) this.look(mark);
    const { faults, moments, refused } = this;
    return { faults, moments, refused };
  }

  private step(batch: Batch): void {
    const { machine, outcomes } = fold(this.machine, batch);
    this.machine = machine;
    for (let at = 0; at < batch.count; at++) {
      const status = outcomes.status[at]!;
      if (status !== OK) this.refused[status] = (this.refused[status] ?? 0) + 1;
      const kind = faultOf(outcomes.flags[at]!).name;
      if (batch.kind[at] === ACCESS && kind !== 'none') this.fault(batch, at, kind);
    }
  }

  private fault(batch: Batch, at: number, kind: string): void {
    const cpu = batch.cpu[at]!;
    const { pageShift } = this.machine.platform.mmu;
    const base = basePageOf(this.machine, cpu, batch.object[at]!);
    const vpn = base + Math.floor(batch.a[at]! / 2 ** pageShift);
    this.faults.push({ pid: this.machine.cpus.get(cpu, CPU.pid), vpn, kind, mode: batch.c[at]! });
  }

  private look({ pid, kind }: TraceMark): void {
    const process: Process | undefined = this.machine.records.processes[pid];
    if (process === undefined) return;
    const mappings = mappingsOf(this.machine, process);
    const pteKb = this.isCompat ? longModeTableKb(mappings) : pageTableKb(this.machine, process.mm);
    this.moments.push({ pid, kind, mappings, pteKb });
  }
}

/** What maps these pages in long mode: one pud table, a pmd table for each GiB, a pte table for each 2 MiB. */
function longModeTableKb(mappings: readonly ProcessMapping[]): number {
  const addresses = mappings.flatMap(({ pages }) => pages.map(({ address }) => address));
  const tablesOf = (shift: bigint): number => new Set(addresses.map((address) => address >> shift)).size;
  return (tablesOf(39n) + tablesOf(30n) + tablesOf(21n)) * 4;
}

/** Accesses up to another event, which alone moves what they touch; or that one. */
function endOfRun(batch: Batch, start: number, end: number): number {
  let at = start;
  while (at < end && batch.kind[at] === ACCESS) at++;
  return Math.max(at, start + 1);
}
