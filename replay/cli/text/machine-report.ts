/** What a boot log or /proc/iomem tells of its machine: a line each, with the line of the file that it came from. */
import { DIALECTS, layoutNameOf, type MemoryReport } from '../../../core/index.ts';
import { machineRows } from '../../report/machine-rows.ts';
import { placeOf } from '../../spec/index.ts';
import { hanging } from '../../text/wrap.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { table } from './table.ts';

/** Of a command line, a terminal has room for so much beside the names. */
const MOST_SHOWN = 52;

/** With what is to be warned of in the layout of that machine. */
export function reportText(
  report: MemoryReport,
  file: string,
  paint: Pick<Terminal, 'colors' | 'width'>,
  warnings: readonly string[] = [],
): string {
  const { notes, source } = report;
  const rows = machineRows(report).map(({ what, value, line }) => [
    line === undefined ? '' : String(line),
    what,
    value.length <= MOST_SHOWN ? value : `${value.slice(0, MOST_SHOWN - 3)}...`,
  ]);
  const name = layoutNameOf(report);
  return [
    `${placeOf(file)}, a ${source}, tells:`,
    table([{ head: 'line', align: 'right' }, { head: 'what' }, { head: 'found' }], rows, paint),
    ...notes.map((note) => hanging('note: ', note, 2, paint.width)),
    ...(name === undefined ? [] : [`this is the machine of the layout ${paint.colors.bold(name)}`]),
    ...warnings.map((text) => warningText(text, paint)),
    '',
  ].join('\n');
}

export function warningText(text: string, paint: Pick<Terminal, 'colors' | 'width'>): string {
  return hanging(paint.colors.yellow('warning: '), text, 2, paint.width);
}

/** The same for programs; what is not told is null. */
export function reportJson(report: MemoryReport) {
  const { source, machine, dialect, kernel, split, highmem, nrCpus, cpus, options, cma, findings, notes } =
    report;
  const { vmallocBytes, highmemBytes, memLimit, pti, transparentHugepage, nopae } = options;
  const bytes = (value: bigint | undefined): number | null => (value === undefined ? null : Number(value));
  return {
    source,
    machine: machine ?? null,
    arch: dialect?.name ?? null,
    kernel: kernel ?? null,
    split: split ?? null,
    ...wideEntriesOf(report),
    highmem: highmem ?? null,
    nrCpus: nrCpus ?? null,
    cpus: cpus ?? null,
    bootOptions: {
      vmallocBytes: bytes(vmallocBytes),
      highmemBytes: bytes(highmemBytes),
      memBytes: bytes(memLimit),
      pti: pti ?? null,
      transparentHugepage: transparentHugepage ?? null,
      nopae,
    },
    cmaBytes: cma.reduce((sum, { start, end }) => sum + Number(end - start), 0),
    findings,
    notes,
  };
}

/** `pae`, `lpae`: whether the kernel has those page tables; null of all kernels that cannot. */
function wideEntriesOf({ dialect, wideEntries }: MemoryReport): Record<string, boolean | null> {
  const kinds = DIALECTS.flatMap((one) => (one.wideEntries === undefined ? [] : [one]));
  return Object.fromEntries(
    kinds.map((one) => [one.wideEntries!.name.toLowerCase(), one === dialect ? (wideEntries ?? null) : null]),
  );
}
