/** What `pmap -x PID` of procps prints: a line for each mapping, with what of it is in memory. */
import { hexDigits, type ProcPlace, ProcText } from './text.ts';

/** A line of it; sizes in KiB. */
export interface PmapMapping {
  readonly start: bigint;
  readonly kb: number;
  readonly rssKb: number;
  readonly dirtyKb: number;
  /** `r-x--`: as maps has it, `s` when stores are shared. */
  readonly mode: string;
  /** Name of the file without its folder, or `  [ anon ]`, `  [ stack ]`. */
  readonly mapping: string;
}

/** What `pmap -x PID` prints of a process. */
export interface Pmap {
  readonly pid: number;
  readonly command: string;
  readonly mappings: readonly PmapMapping[];
}

const LINE = /^([0-9a-f]{8}|[0-9a-f]{16}) +(\d+) +(\d+) +(\d+) (\S{5}) (.*)$/;

/** What `pmap -x PID` tells. Throws ImportError at the first line that it would not print. */
export function parsePmap(text: string, place?: ProcPlace): Pmap {
  const lines = new ProcText(text, 'pmap -x PID', place);
  const [, pid, command] = lines.expect(/^(\d+): +(.*)$/, "'2300:   /bin/bash'");
  lines.expect(/^Address +Kbytes +RSS +Dirty Mode +Mapping$/, "'Address  Kbytes  RSS  Dirty Mode  Mapping'");
  const mappings = lines.each(LINE, ([, start, kb, rss, dirty, mode, mapping]) => ({
    start: BigInt(`0x${start}`),
    kb: Number(kb),
    rssKb: Number(rss),
    dirtyKb: Number(dirty),
    mode: mode!,
    mapping: mapping!,
  }));
  lines.expect(/^-+ -+ -+ -+ *$/, "a mapping, or '---------------- ------- ------- -------'");
  const total = lines.expect(/^total kB +(\d+) +(\d+) +(\d+)$/, "'total kB   4544   3536    484'");
  const sums = totals(mappings);
  if (sums.some((sum, i) => sum !== Number(total[i + 1]))) lines.reject(`totals ${sums.join(', ')}`);
  return { pid: Number(pid), command: command!, mappings };
}

/** The text that `pmap -x` prints, with its sums; `wordBytes` of the kernel decides how wide addresses are. */
export function formatPmap({ pid, command, mappings }: Pmap, wordBytes: number): string {
  const width = 2 * wordBytes;
  const figures = (values: readonly (number | string)[]): string =>
    values.map((value) => String(value).padStart(7)).join(' ');
  const lines = mappings.map(
    ({ start, kb, rssKb, dirtyKb, mode, mapping }) =>
      `${hexDigits(start, width)} ${figures([kb, rssKb, dirtyKb])} ${mode} ${mapping}`,
  );
  return `${[
    `${pid}:   ${command}`,
    `${'Address'.padEnd(width)} ${figures(['Kbytes', 'RSS', 'Dirty'])} Mode  Mapping`,
    ...lines,
    `${'-'.repeat(width)} ------- ------- ------- `,
    `${'total kB'.padEnd(width)} ${figures(totals(mappings))}`,
  ].join('\n')}\n`;
}

function totals(mappings: readonly PmapMapping[]): number[] {
  const sum = (of: (mapping: PmapMapping) => number): number =>
    mappings.reduce((total, mapping) => total + of(mapping), 0);
  return [sum(({ kb }) => kb), sum(({ rssKb }) => rssKb), sum(({ dirtyKb }) => dirtyKb)];
}
