/** The comparison with C for people: one table that fits 80 columns, and sentences below it. */
import { sideBySide } from '../../replay/text/plain-table.ts';
import { hanging, wrapped } from '../../replay/text/wrap.ts';
import {
  changeOf,
  type LimitResult,
  type LimitRun,
  notices,
  ratioText,
  recorded,
  spreadText,
} from './baseline.ts';
import { ROUNDS } from './rounds.ts';
import type { LimitRow } from './row.ts';

const WIDTH = 80;
const HEAD = ['', 'ns', 'of C', 'middle half', 'baseline'];

export function limitText(run: LimitRun, baseline: LimitRun): string {
  const lines = run.results.flatMap((result, i) => {
    const isFirst = run.results[i - 1]?.row !== result.row;
    return [...(isFirst ? headOf(result) : []), cellsOf(result, baseline)];
  });
  const sentences = notices(run, baseline).map((notice) => hanging('', notice, 2, WIDTH));
  const texts = [headText(run), sideBySide([HEAD, ...lines], WIDTH), ...sentences];
  return `${texts.join('\n')}\n`;
}

/** Which rows there are. */
export function limitListText(rows: readonly LimitRow[]): string {
  const lines = rows.flatMap(({ suite, name, entrants }) => [
    `${suite}: ${name}`,
    ...entrants.map((entrant) => `  ${entrant.name}`),
  ]);
  return `${lines.join('\n')}\n`;
}

function headText({ header }: LimitRun): string {
  const { vmsplit, node, cpu, cores, compiler, timeMs } = header;
  return wrapped(
    `vmsplit ${vmsplit}, node ${node}, ${cpu} x ${cores}; ${compiler}. ` +
      `"of C" is what of C's speed is reached: 1 is as fast, 2 twice as fast. Nanoseconds of CPU time for each unit; ` +
      `medians of ${ROUNDS} rounds in turn, of ${Math.round(timeMs / ROUNDS)} ms or one run; packages of others have a *.\n`,
    WIDTH,
  );
}

/** A row begins with C itself. */
function headOf({ row, unit, cNs }: LimitResult): string[][] {
  return [[`${row} (${unit})`], ['   C', nsText(cNs), '1', '', '']];
}

function cellsOf(result: LimitResult, baseline: LimitRun): string[] {
  const { name, isPeer, ns, ofC } = result;
  const before = recorded(result, baseline)?.ofC;
  return [
    ` ${isPeer ? '*' : ' '} ${name}`,
    nsText(ns),
    ratioText(ofC.median),
    spreadText(ofC),
    before === undefined ? '-' : ratioText(before.median) + markText(result, before),
  ];
}

function markText({ isPeer, ofC }: LimitResult, before: LimitResult['ofC']): string {
  const change = isPeer ? undefined : changeOf(ofC, before);
  return change === undefined ? '' : ` ${change}`;
}

/** Three digits that mean something. */
function nsText(ns: number): string {
  return ns >= 100 ? ns.toFixed(0) : ns >= 10 ? ns.toFixed(1) : ns.toFixed(2);
}
