/**
 * What a slice that begins in the middle of a trace needs to know: the things that are alive there, told by the events that
 * made them what they are. Events whose effect is gone are left out: objects freed before, address spaces that nobody
 * uses or has inherited from any more, ranges that were unmapped. What is kept is in its recorded order, each call on its
 * cpu by its process, and takes no time between.
 *
 * Not told, for it would be half of the trace: what was touched. Pages come in, and caches fill, anew.
 * A cpu that ran no process any more may go on with one that ran there before.
 */

import { type Batch, BatchBuilder } from '../../core/event/batch.ts';
import { kindOf } from '../../core/event/vocabulary.ts';
import { code, codes, Entries, type Entry } from './entries.ts';
import { KernelThings } from './kernel-things.ts';
import { Tasks } from './tasks.ts';

const FORGOTTEN = codes('access', 'file_read', 'file_drop', 'dma_sync', 'refused', 'refused_fork');
const SWITCH = code('switch');
const EXIT = code('exit');
const CPUS = 256;

/** Takes in events one by one; `batches` tells what is alive then. */
export class Prologue {
  private readonly entries = new Entries();
  private readonly things = new KernelThings(this.entries);
  private readonly tasks = new Tasks(this.entries, this.things);
  private readonly running = new Array<number | undefined>(CPUS).fill(undefined);

  /** Adds event `at` of a batch. */
  add({ kind, cpu, object, a, b, c }: Batch, at: number): void {
    const what = kind[at]!;
    if (FORGOTTEN.has(what)) return;
    const on = cpu[at]!;
    const isCall = kindOf(what)?.row.systemCall === true;
    const by = isCall ? this.running[on] : undefined;
    this.take({ kind: what, cpu: on, by, object: object[at]!, a: a[at]!, b: b[at]!, c: c[at]! });
  }

  private take(entry: Entry): void {
    if (entry.kind === SWITCH) {
      if (this.tasks.has(entry.object)) this.running[entry.cpu] = entry.object;
      return;
    }
    if (!this.things.take(entry) && !this.tasks.take(entry)) this.entries.keep(entry);
    if (entry.kind === EXIT) this.running[entry.cpu] = undefined;
  }

  /** The events that make what is alive, with the switches that they need; then each cpu runs what it ran. */
  *batches(): Generator<Batch> {
    const builder = new BatchBuilder();
    const runs = new Array<number | undefined>(CPUS).fill(undefined);
    for (const entry of [...this.entries.inOrder(), ...this.lastSwitches()]) {
      const { kind, cpu, by, object, a, b, c } = entry;
      const isSwitch = kind === SWITCH;
      if (isSwitch && runs[cpu] === object) continue;
      if (by !== undefined && runs[cpu] !== by) {
        builder.push(SWITCH, cpu, 0, by, 0, 0, 0);
        runs[cpu] = by;
        if (builder.full) yield builder.take();
      }
      builder.push(kind, cpu, 0, object, a, b, c);
      if (builder.full) yield builder.take();
      if (isSwitch) runs[cpu] = object;
      else if (kind === EXIT) runs[cpu] = undefined;
    }
    if (builder.length > 0) yield builder.take();
  }

  private lastSwitches(): Entry[] {
    return this.running.flatMap((pid, cpu) =>
      pid === undefined || !this.tasks.has(pid)
        ? []
        : [{ kind: SWITCH, cpu, by: undefined, object: pid, a: 0, b: 0, c: 0 }],
    );
  }
}
