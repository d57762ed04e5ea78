/**
 * Events on their way to the output, with the time that passes on each cpu between them. Counts apart what a line
 * says and what only a rule concludes, so that lines and events can be checked against each other.
 */
import { type Batch, BatchBuilder } from '../../core/event/batch.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import type { BatchSink } from '../vmt/writer.ts';

/** Cpus that the column of an event can name. */
export const MAX_CPUS = 256;
/** Longest time that an event can carry, about 4.29 s. */
const MAX_THINK_NS = 2 ** 32 - 1;
/** Longest length in whole pages of 4 KiB that an event can carry. */
export const MAX_LENGTH = 2 ** 32 - 4096;
/** Largest size in bytes that an event can carry. */
const MAX_BYTES = 2 ** 32 - 1;
const NEVER = -1;

/** The rules for what was asked for in vain where the trace was recorded: a machine that has it takes it back. */
const NOTED = 'failed request: a note that it failed';
export const GIVEN_BACK = 'failed request: what it gets is given back at once';

const REFUSED = EVENT_KINDS.refused.code;
const REFUSED_FORK = EVENT_KINDS.refused_fork.code;

/** Whether an event can say a size; below 0 it is one that would be, printed with a sign. */
export function fits(sizeBytes: number): boolean {
  return sizeBytes >= 0 && sizeBytes <= MAX_BYTES;
}

export class EventStream {
  /** Events that a line says. */
  said = 0;
  /** Events that no line says, by the rule that concludes them. */
  readonly implied: Record<string, number> = {};
  /** Time that did not fit in an event. */
  lostNs = 0;
  private readonly builder = new BatchBuilder();
  private full: Batch[] = [];
  private cpu = 0;
  private timeNs = 0;
  private hasTime = false;
  private lastCpu = NEVER;
  private startNs = NEVER;
  /** By cpu: when its last event was. */
  private readonly lastNs = new Float64Array(MAX_CPUS).fill(NEVER);

  /** Events from here on happen on this cpu at this time. */
  at(cpu: number, timeNs: number): void {
    this.cpu = cpu;
    this.timeNs = timeNs;
    this.hasTime = true;
    if (this.startNs === NEVER) this.startNs = timeNs;
  }

  /** The same at a time that nothing says: no time passes. */
  on(cpu: number): void {
    this.cpu = cpu;
    this.hasTime = false;
  }

  /** The event that the line says. */
  say(kind: number, object: number, a = 0, b = 0, c = 0): void {
    this.said++;
    this.push(kind, object, a, b, c);
  }

  /** An event that follows from a rule. */
  imply(rule: string, kind: number, object: number, a = 0, b = 0, c = 0): void {
    this.implied[rule] = (this.implied[rule] ?? 0) + 1;
    this.push(kind, object, a, b, c);
  }

  /**
   * The request just said failed where it was recorded. What gives back what it gets is for the caller to imply.
   * @param length what was asked for of an object that is there already; 0: the object
   */
  noteRefused(request: number, object: number, length = 0): void {
    this.imply(NOTED, REFUSED, object, request, length);
  }

  /** The same of a process. */
  noteRefusedFork(request: number, pid: number): void {
    this.imply(NOTED, REFUSED_FORK, pid, request);
  }

  get count(): number {
    return Object.values(this.implied).reduce((sum, count) => sum + count, this.said);
  }

  /** Cpus that had events: the highest number and 1. */
  get cpus(): number {
    return this.lastCpu + 1;
  }

  /** Whether there are batches to write. */
  get hasFull(): boolean {
    return this.full.length > 0;
  }

  /** Writes the batches that are full. */
  async writeFull(output: BatchSink): Promise<void> {
    const batches = this.full;
    this.full = [];
    for (const batch of batches) await output.write(batch);
  }

  /** Writes all that is left. */
  async end(output: BatchSink): Promise<void> {
    await this.writeFull(output);
    if (this.builder.length > 0) await output.write(this.builder.take());
  }

  private push(kind: number, object: number, a: number, b: number, c: number): void {
    const { builder } = this;
    if (this.cpu > this.lastCpu) this.lastCpu = this.cpu;
    builder.push(kind, this.cpu, this.thinkNs(), object, a, b, c);
    if (builder.full) this.full.push(builder.take());
  }

  /** Since the last event of this cpu, or the start of the trace. Stamps that go back, as merged traces have, give 0. */
  private thinkNs(): number {
    const { cpu, timeNs, lastNs } = this;
    const last = lastNs[cpu]!;
    if (!this.hasTime) return 0;
    const passed = timeNs - (last === NEVER ? this.startNs : last);
    if (last === timeNs) return 0;
    lastNs[cpu] = Math.max(last, timeNs);
    if (passed <= MAX_THINK_NS) return Math.max(0, passed);
    this.lostNs += passed - MAX_THINK_NS;
    return MAX_THINK_NS;
  }
}
