/** Events in lines: as text for people, as CSV and as NDJSON. */
import { eventAt } from '../../core/event/batch.ts';
import { pageAddress, toHex } from '../../core/layout/regions.ts';
import { addressTypeOf, faultOf, STATUSES, translationOf } from '../../core/outcome/outcome.ts';
import type { Step } from '../lane/lane.ts';
import { csvLine, ndjsonLine } from '../text/csv.ts';
import { describeEvent } from '../text/event-text.ts';
import { formatCount, formatNs, hexOf } from '../text/units.ts';
import { hanging } from '../text/wrap.ts';
import { eventColumns, kindName } from './columns.ts';
import { NO_PROCESS, type Pass } from './passes.ts';

export const LINE_FORMATS = ['text', 'ndjson', 'csv'] as const;
export type LineFormat = (typeof LINE_FORMATS)[number];

export interface LineOptions {
  /** Passes have a lane: what became of the events is told too. */
  readonly withOutcomes: boolean;
  /** Of the text; undefined: an event is a line, however long. */
  readonly width?: number | undefined;
  /** The greatest event number that may come, for the width of its column. */
  readonly lastEvent?: number | undefined;
  /** An event to be marked in the text. */
  readonly marked?: number | undefined;
}

/** Makes lines, without their ends; `head` is undefined where there is none. */
export interface LineWriter {
  readonly head: string | undefined;
  line(pass: Pass, at: number): string;
}

export function lineWriter(format: LineFormat, options: LineOptions): LineWriter {
  if (format === 'text') return textLines(options);
  const columns = eventColumns(options.withOutcomes);
  const names = columns.map(({ name }) => name);
  const cells = (pass: Pass, at: number) => columns.map((column) => column.value(pass, at));
  if (format === 'csv') return { head: csvLine(names), line: (pass, at) => csvLine(cells(pass, at)) };
  return { head: undefined, line: (pass, at) => ndjsonLine(names, cells(pass, at), ALWAYS) };
}

/** What every event has is there also when it is not known. */
const ALWAYS = new Set(['timeNs', 'process']);

/** Of a trace whose length is not known. */
const LONGEST_NUMBER = 999_999_999;
const [CPU_WIDTH, TIME_WIDTH, PROCESS_WIDTH] = [3, 10, 7];

function textLines({ withOutcomes, width, lastEvent = LONGEST_NUMBER, marked }: LineOptions): LineWriter {
  const numberWidth = Math.max('event'.length, formatCount(lastEvent).length);
  const row = (number: string, cpu: string, time: string, process: string): string => {
    const cells = [number.padStart(numberWidth), cpu.padStart(CPU_WIDTH)];
    if (withOutcomes) cells.push(process.padStart(PROCESS_WIDTH));
    return ` ${[...cells, time.padStart(TIME_WIDTH)].join('  ')}  `;
  };
  const head = row('event', 'cpu', withOutcomes ? 'time' : 'think', 'process');
  return {
    head: `${head}what${withOutcomes ? ' → what became of it' : ''}`,
    line(pass, at) {
      const { batch, firstEvent, startNs, processes, step } = pass;
      const number = firstEvent + at;
      const time = step === undefined ? batch.thinkNs[at]! : startNs![at]!;
      const process = processes?.[at] ?? NO_PROCESS;
      const prefix = row(
        formatCount(number),
        String(batch.cpu[at]!),
        formatNs(time),
        process === NO_PROCESS ? '-' : String(process),
      );
      const mark = number === marked ? `>${prefix.slice(1)}` : prefix;
      const became = step === undefined ? '' : ` → ${outcomeText(step, at)}`;
      return hanging(mark, eventText(pass, at) + became, head.length, width);
    },
  };
}

/** The event in a line, also one of a kind that this version does not know. */
export function eventText({ batch }: Pick<Pass, 'batch'>, at: number): string {
  const event = eventAt(batch, at);
  return event === undefined ? `${kindName(batch.kind[at]!)}, unknown to this version` : describeEvent(event);
}

/** Short, from the outcome alone; `vmsplit explain --event` tells the figures behind it. */
export function outcomeText({ outcomes, after, batch }: Step, at: number): string {
  const { name, reason } = STATUSES[outcomes.status[at]!]!;
  if (name !== 'ok') return `${name}: ${reason}`;
  const type = addressTypeOf(outcomes.flags[at]!);
  const [vpn, pfn] = [outcomes.vpnAt(at), outcomes.pfnAt(at)];
  if (kindName(batch.kind[at]!) === 'access') return `ok, ${accessText(outcomes.flags[at]!)}`;
  if (type.name === 'none') return 'ok';
  const { layout } = after.platform;
  if (type.name === 'bus') return `ok, bus page ${hexOf(vpn)}`;
  const address = vpn === 0 ? '' : ` page at ${toHex(layout, pageAddress(layout, vpn))}`;
  return `ok, ${type.label}${address}${pfn === 0 ? '' : `, frame ${hexOf(pfn)}`}`;
}

function accessText(flags: number): string {
  const fault = faultOf(flags);
  const found = translationOf(flags).story;
  return fault.name === 'none' ? found : `${found}, page fault: ${fault.label}`;
}
