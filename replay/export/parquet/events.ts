/** Events, with their times, processes and outcomes, as the columns of a Parquet file: those of events/columns.ts, typed. */
import type { Batch } from '../../../core/event/batch.ts';
import type { FieldColumn } from '../../../core/event/kind-row.ts';
import { EVENT_KINDS } from '../../../core/event/kinds.ts';
import { allKinds, KIND_CODES } from '../../../core/event/vocabulary.ts';
import {
  ADDRESS_SHIFT,
  ADDRESSES,
  FAULT_MASK,
  FAULT_SHIFT,
  FAULTS,
  type Outcomes,
  STATUSES,
  TLB_MASK,
  TRANSLATIONS,
} from '../../../core/outcome/outcome.ts';
import { kindName } from '../../events/columns.ts';
import { NO_PROCESS, type Pass } from '../../events/passes.ts';
import type { Wanted } from '../../events/selection.ts';
import { type Column, LongColumn, NameColumn, NumberColumn } from './columns.ts';
import { ParquetFile, type ParquetOptions } from './file.ts';

/** As many as DuckDB and pyarrow read at a time without holding much. */
const ROW_GROUP = 131_072;

export interface ParquetEventsOptions extends ParquetOptions {
  /** Passes have a lane. */
  readonly withOutcomes: boolean;
  /** Which events; by default all. */
  readonly wanted?: Wanted | undefined;
}

/** The bytes of the file, part by part. */
export async function* parquetOfEvents(
  passes: AsyncIterable<Pass>,
  options: ParquetEventsOptions,
): AsyncGenerator<Uint8Array> {
  const table = new EventTable(options.withOutcomes);
  const file = new ParquetFile(table.columns, options);
  for await (const pass of passes) {
    for (const [from, to] of stretchesOf(pass, options.wanted)) {
      for (let at = from; at < to; ) {
        at = table.add(pass, at, to);
        if (!table.full) continue;
        yield await file.rowGroup(table.rows);
        table.rows = 0;
      }
    }
  }
  if (table.rows > 0) yield await file.rowGroup(table.rows);
  yield await file.finish();
}

/** Events in a row that are wanted: from, and the first after them. */
function* stretchesOf({ batch, ...rest }: Pass, wanted: Wanted | undefined): Generator<[number, number]> {
  if (wanted === undefined) {
    yield [0, batch.count];
    return;
  }
  const pass = { batch, ...rest };
  for (let from = 0; from < batch.count; from++) {
    if (!wanted(pass, from)) continue;
    let to = from + 1;
    while (to < batch.count && wanted(pass, to)) to++;
    yield [from, to];
    from = to;
  }
}

const capacity = ROW_GROUP;
const number = (name: string, optional = false) => new NumberColumn({ name, capacity, optional });
const long = (name: string, optional = false) => new LongColumn({ name, capacity, optional });
const names = (name: string, nameOf: (code: number) => string, optional = false) =>
  new NameColumn({ name, capacity, optional }, nameOf);

const ACCESS = EVENT_KINDS.access.code;

/** The row group that is being filled. Whole stretches of a pass are added, column by column. */
class EventTable {
  rows = 0;
  readonly columns: readonly Column[];
  private readonly head = {
    event: long('event'),
    timeNs: long('timeNs', true),
    cpu: number('cpu'),
    process: number('process', true),
    thinkNs: number('thinkNs'),
    kind: names('kind', kindName),
  };
  private readonly outcome = {
    status: names('status', (code) => STATUSES[code]!.name),
    fault: names('fault', (code) => FAULTS[code]!.name, true),
    tlb: names('tlb', (code) => TRANSLATIONS[code]!.name, true),
    addressType: names('addressType', (code) => ADDRESSES[code]!.name, true),
    latencyNs: number('latencyNs'),
    virtualPage: long('virtualPage', true),
    pageFrame: long('pageFrame', true),
  };
  /** By column of a batch and kind code: where that stands. */
  private readonly fields: Readonly<Record<FieldColumn, readonly (NumberColumn | undefined)[]>>;

  constructor(withOutcomes: boolean) {
    const byName = new Map<string, NumberColumn>();
    const none = () => new Array<NumberColumn | undefined>(KIND_CODES).fill(undefined);
    const fields = { object: none(), a: none(), b: none(), c: none() };
    for (const { row, fields: ofKind } of allKinds()) {
      for (const { name, column } of ofKind) {
        const to = byName.get(name) ?? number(name, true);
        byName.set(name, to);
        fields[column][row.code] = to;
      }
    }
    this.fields = fields;
    const outcome = withOutcomes ? Object.values(this.outcome) : [];
    this.columns = [...Object.values(this.head), ...byName.values(), ...outcome];
  }

  get full(): boolean {
    return this.rows === ROW_GROUP;
  }

  /** Adds events from `from` to `end` as far as there is room; gives the first that is not added. */
  add(pass: Pass, from: number, end: number): number {
    const to = Math.min(end, from + ROW_GROUP - this.rows);
    this.addHead(pass, from, to);
    this.addFields(pass.batch, from, to);
    if (pass.step !== undefined) this.addOutcomes(pass.batch, pass.step.outcomes, from, to);
    this.rows += to - from;
    return to;
  }

  private addHead({ batch, firstEvent, startNs, processes }: Pass, from: number, to: number): void {
    const { rows, head } = this;
    head.event.putSeries(rows, firstEvent + from, to - from);
    if (startNs !== undefined) head.timeNs.putAll(rows, startNs.subarray(from, to));
    head.cpu.putAll(rows, batch.cpu.subarray(from, to));
    head.thinkNs.putAll(rows, batch.thinkNs.subarray(from, to));
    head.kind.putAll(rows, batch.kind.subarray(from, to));
    if (processes === undefined) return;
    for (let at = from; at < to; at++)
      if (processes[at] !== NO_PROCESS) head.process.put(rows + at - from, processes[at]!);
  }

  /** Event by event: a field may stand in another column of the batch in the next kind, and rows come in order. */
  private addFields({ kind, object, a, b, c }: Batch, from: number, to: number): void {
    const { fields } = this;
    const first = this.rows - from;
    for (let at = from; at < to; at++) {
      const code = kind[at]!;
      fields.object[code]?.put(first + at, object[at]!);
      fields.a[code]?.put(first + at, a[at]!);
      fields.b[code]?.put(first + at, b[at]!);
      fields.c[code]?.put(first + at, c[at]!);
    }
  }

  private addOutcomes({ kind }: Batch, outcomes: Outcomes, from: number, to: number): void {
    const { rows, outcome } = this;
    outcome.status.putAll(rows, outcomes.status.subarray(from, to));
    outcome.latencyNs.putAll(rows, outcomes.latencyNs.subarray(from, to));
    for (let at = from; at < to; at++) {
      const row = rows + at - from;
      const flags = outcomes.flags[at]!;
      if (kind[at] === ACCESS) {
        outcome.fault.put(row, (flags & FAULT_MASK) >>> FAULT_SHIFT);
        outcome.tlb.put(row, flags & TLB_MASK);
      } else this.addPlace(row, flags >>> ADDRESS_SHIFT, outcomes.vpnAt(at), outcomes.pfnAt(at));
    }
  }

  private addPlace(row: number, type: number, vpn: number, pfn: number): void {
    const { addressType, virtualPage, pageFrame } = this.outcome;
    if (type !== 0) addressType.put(row, type);
    if (vpn !== 0) virtualPage.put(row, vpn);
    if (pfn !== 0) pageFrame.put(row, pfn);
  }
}
