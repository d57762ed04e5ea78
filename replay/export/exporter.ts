/** What an exporter is: the events of a trace, with what became of them, in the format of another tool. */
import type { Pass } from '../events/passes.ts';
import type { Wanted } from '../events/selection.ts';
import type { Lane } from '../lane/lane.ts';
import type { Compression } from './parquet/file.ts';

/** What is written. */
export interface ExportInput {
  /** Of all events, from the first on. */
  readonly passes: AsyncIterable<Pass>;
  /** Before the first event; passes have outcomes then. */
  readonly lane: Lane | undefined;
  /** Which events are to be told; undefined: all. */
  readonly wanted: Wanted | undefined;
  readonly compression: Compression | undefined;
  /** `vmsplit 0.1.0` */
  readonly createdBy: string;
  /** What the result should say of itself, if it can. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What came of it, counted while it is written. */
export class ExportTally {
  /** Events that the result tells. */
  told = 0;
  /** Events that the format has no word for, by rule. */
  readonly leftOut: Record<string, number> = {};
  /** What is told otherwise than it was, by rule. */
  readonly changed: Record<string, number> = {};

  leave(rule: string, count = 1): void {
    this.leftOut[rule] = (this.leftOut[rule] ?? 0) + count;
  }

  change(rule: string, count = 1): void {
    this.changed[rule] = (this.changed[rule] ?? 0) + count;
  }
}

/** A format that events can be written in. */
export interface Exporter {
  readonly name: string;
  /** A line for people. */
  readonly describe: string;
  /** Of its files, without the dot. */
  readonly extension: string;
  /** `needs`: it tells addresses or figures of a machine; `no`: outcomes have no place in it. */
  readonly layout: 'needs' | 'may' | 'no';
  /** Events that it wants in a pass at most, for what it asks of machines between them. */
  readonly batchSize?: number;
  /** The bytes of the result, part by part. */
  write(input: ExportInput, tally: ExportTally): AsyncIterable<Uint8Array>;
}
