/** A failure report explained: each zone as it was asked, who holds the memory, what could have been taken back. */
import { formatBytes, formatCount } from '../../text/units.ts';
import { hanging } from '../../text/wrap.ts';
import { holders, reclaimableKib } from './holders.ts';
import type { MainVerdict } from './main-verdict.ts';
import { pageAnswers } from './page-verdict.ts';
import { gfpWords, requestText, verdictLine } from './verdict-text.ts';
import type { ZoneAnswer } from './watermark.ts';

/** Columns that the names of the parts take. */
const INDENT = 9;

/** Lines of at most `width` columns. */
export function reportExplanation(main: MainVerdict, width: number): string {
  const { report, verdict } = main;
  const part = (name: string, text: string): string => hanging(name.padEnd(INDENT), text, INDENT, width);
  const lines = [
    part('failed', `${requestText(verdict)} (line ${verdict.line})`),
    part('why', verdictLine(verdict)),
    ...zoneLines(main).map(([zone, text]) => part(zone, text)),
  ];
  const held = holders(report).map(({ what, kib }) => `${what} ${formatBytes(kib * 1024)}`);
  if (held.length > 0) lines.push(part('held by', held.join(', ')));
  const back = reclaimableKib(main);
  if (back !== undefined)
    lines.push(
      part('reclaim', `${verdict.zone} could give back ${formatBytes(back * 1024)} of page cache and slab`),
    );
  return lines.join('\n');
}

/** Zones that the request might have been served from, each with what it had and what it must keep. */
export function zoneLines({ report }: MainVerdict): [zone: string, text: string][] {
  const { request } = report;
  if (request?.kind !== 'pages' || report.zones.length === 0) return [];
  const { zones, asked, mark } = pageAnswers(report, request);
  const others = report.zones.filter((zone) => !zones.some((answer) => answer.zone === zone));
  return [
    ...zones.map((answer): [string, string] => [answer.zone.zone, answerText(answer, mark)]),
    ...others.map(({ zone, free }): [string, string] => [
      zone,
      `${kb(free)} free, but ${request.gfp === undefined ? 'the request' : gfpWords(request.gfp)} may have ${asked} and below only`,
    ]),
  ];
}

const REFUSALS: Readonly<Record<NonNullable<ZoneAnswer['refusedBy']>, string>> = {
  min: 'refused by its watermark',
  reserve: 'refused by lowmem_reserve, which it keeps from requests for a higher zone',
  cma: 'refused: the rest is kept for CMA',
  'high-atomic': 'refused: the rest is kept for requests that cannot wait',
  fragmentation: 'refused: no block is large enough',
};

function answerText(
  { zone, usableKb, markKb, reserveKb, largestKb, refusedBy }: ZoneAnswer,
  mark: string,
): string {
  const node = zone.node === 0 ? '' : `node ${zone.node}: `;
  const cma = zone.freeCma > 0 ? `, ${kb(zone.freeCma)} in CMA` : '';
  const usable = usableKb < zone.free ? `, ${kb(usableKb)} for this request` : '';
  const largest = largestKb === undefined ? '' : `, largest block ${kb(largestKb)}`;
  const reserve = reserveKb > 0 ? ` + ${kb(reserveKb)} (reserve)` : '';
  const answer = refusedBy === undefined ? 'it would serve by these figures' : REFUSALS[refusedBy];
  return `${node}${kb(zone.free)} free${cma}${usable}${largest}; keeps ${kb(markKb)} (${mark})${reserve}: ${answer}`;
}

function kb(kib: number): string {
  return `${formatCount(Math.round(kib))} kB`;
}
