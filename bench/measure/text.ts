/** The results for people: one table, in groups by suite. */
import Table from 'cli-table3';
import type { Suite } from '../suites/suite.ts';
import type { Comparison } from './compare.ts';
import type { Header } from './header.ts';

export function listText(suites: readonly Suite[]): string {
  const lines = suites.flatMap(({ name, doc, rows }) => [
    `${name}: ${doc}`,
    ...rows.map((row) => `  ${row.name}`),
  ]);
  return `${lines.join('\n')}\n`;
}

export function reportText(header: Header, suites: readonly Suite[], results: readonly Comparison[]): string {
  const withRatios = results.some(({ ratio }) => ratio !== undefined);
  const head = [
    '',
    'per second',
    'ns',
    'cpu ns',
    '±',
    'samples',
    'bytes',
    ...(withRatios ? ['new/old', 'by cpu'] : []),
  ];
  const table = new Table({
    head,
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  for (const { name, unit, doc } of suites) {
    table.push([{ content: `${name} (${unit}): ${doc}`, colSpan: head.length }]);
    for (const result of results)
      if (result.suite === name) table.push(cellsOf(result).slice(0, head.length));
  }
  return `${headerText(header)}\n${table.toString()}\n`;
}

function headerText({ vmsplit, node, cpu, cores, seed, timeMs, trace }: Header): string {
  return `vmsplit ${vmsplit}, node ${node}, ${cpu} x ${cores}; seed ${seed}, ${timeMs} ms a row; reference trace ${trace}`;
}

function cellsOf(result: Comparison): string[] {
  return [
    `  ${result.name}`,
    inMillions(result.eventsPerSecond),
    threeDigits(result.nsPerEvent),
    threeDigits(result.cpuNsPerEvent),
    `${result.rme.toFixed(1)} %`,
    String(result.samples),
    bytesText(result),
    ratioText(result.ratio),
    ratioText(result.cpuRatio),
  ];
}

function bytesText({ bytesPerEvent, megabytesPerSecond }: Comparison): string {
  if (bytesPerEvent === undefined || megabytesPerSecond === undefined) return '';
  return `${threeDigits(bytesPerEvent)} each, ${threeDigits(megabytesPerSecond)} MB/s`;
}

function inMillions(perSecond: number): string {
  return `${threeDigits(perSecond / 1e6)} M`;
}

/** Three digits that mean something, and no exponent. */
function threeDigits(value: number): string {
  const decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return value.toFixed(decimals);
}

function ratioText(ratio: number | undefined): string {
  return ratio === undefined ? '-' : ratio.toFixed(2);
}
