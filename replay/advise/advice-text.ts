/** Advice for people: a screen of 80 columns, or all of it. */
import { formatBytes, formatCount } from '../text/units.ts';
import { hanging } from '../text/wrap.ts';
import type { Advice } from './advice.ts';
import type { BoardMachine } from './board/machine.ts';
import { roomLeft, windowHolders, windowRoom } from './board/room.ts';
import type { TriedCandidate } from './cures/judging.ts';
import type { Rule } from './cures/rules.ts';
import type { TraceTrial } from './cures/trace-trial.ts';
import { isOfUnusedRam } from './verdict/kinds.ts';
import { zoneLines } from './verdict/report-text.ts';
import { requestText, verdictLine } from './verdict/verdict-text.ts';

export interface AdviceTextOptions {
  readonly width: number;
  /** Every candidate, note and fact. */
  readonly all: boolean;
  /** Commands that show more, each a line of a shell. */
  readonly commands: readonly string[];
}

/** Columns that the names of the parts take. */
const INDENT = 9;
const MOST_CURES = 4;
const MOST_OBSTACLES = 3;
const MOST_NOTES = 3;

export function adviceText(advice: Advice, options: AdviceTextOptions): string {
  const { width } = options;
  const part = (name: string, text: string): string[] =>
    text === '' ? [] : [hanging(name.padEnd(INDENT), text, INDENT, width)];
  return [
    ...part('board', boardText(advice)),
    ...failureParts(advice, part),
    ...(options.all && advice.main !== undefined
      ? zoneLines(advice.main).flatMap(([zone, text]) => part(zone, text))
      : []),
    ...curesPart(advice, options),
    ...obstaclesPart(advice, options),
    ...notesPart(advice, options),
    ...missingPart(advice, part),
    ...commandsPart(options),
  ].join('\n');
}

function boardText({ machine, tried, trace }: Advice): string {
  const figures = tried?.figures;
  const windows =
    figures === undefined
      ? ''
      : `; low memory ${formatBytes(figures.lowBytes)}, vmalloc window ${formatBytes(figures.vmallocBytes)}, user space ${formatBytes(figures.userBytes)}`;
  if (machine !== undefined) return `${machineWords(machine)}${windows}`;
  if (trace !== undefined) return `${trace.lane}, assumed${windows}`;
  return 'not known: no file tells of its processor and RAM';
}

function machineWords({ lane, facts }: BoardMachine): string {
  const layout = facts.find(({ what }) => what === 'layout');
  const others = facts.filter((fact) => fact !== layout);
  const told = others.map(({ what, value, from }) => `${what} ${value} (${from})`);
  return [`${lane.layout} (${layout?.from ?? 'assumed'})`, ...told].join(', ');
}

type Part = (name: string, text: string) => string[];

function failureParts(advice: Advice, part: Part): string[] {
  const { main, holders, reclaimableKib, largest, tried, trace } = advice;
  if (trace !== undefined) return traceParts(trace, part);
  if (main === undefined)
    return [
      ...part('failed', 'nothing, in what these files tell'),
      ...part('room', roomLeft(advice.evidence, advice.layout).join('; ')),
    ];
  const { verdict, count, others, report } = main;
  const times = count > 1 ? `, ${formatCount(count)} times` : '';
  const victim = report.killed === undefined ? '' : `; ${report.killed} was killed`;
  const held = holders.slice(0, 4).map(({ what, kib }) => `${what} ${formatBytes(kib * 1024)}`);
  const back =
    reclaimableKib === undefined
      ? []
      : [`${verdict.zone} could give back ${formatBytes(reclaimableKib * 1024)} of page cache and slab`];
  return [
    ...part('failed', `${requestText(verdict)} (line ${verdict.line}${times})${victim}`),
    ...part('why', verdictLine(verdict)),
    ...part('held by', [...held, ...back].join(', ')),
    ...part('window', verdict.window === undefined ? '' : windowText(advice)),
    ...part('largest', largest === undefined ? '' : processText(largest, tried?.figures.userBytes)),
    ...part('also', others.map((one) => `${one.count} of ${one.verdict.kind}`).join(', ')),
  ];
}

/** How full the vmalloc window is, and who has it. */
function windowText({ evidence, layout, main }: Advice): string {
  const room = main?.verdict.window === 'vmalloc' && evidence.vmallocinfo !== undefined;
  return [...(room ? windowRoom(evidence, layout) : []), windowHolders(evidence)]
    .filter((part) => part !== '')
    .join('; ');
}

function traceParts(
  { name, events, failures, first, kind, recordedAsFailed }: TraceTrial,
  part: Part,
): string[] {
  const where =
    recordedAsFailed > 0 ? `; ${formatCount(recordedAsFailed)} failed where they were recorded` : '';
  const failed = `${formatCount(failures)} requests among ${formatCount(events)} events of ${name}${where}`;
  if (first === undefined) return part('failed', failed);
  const why = `${kind}: ${first.reason}: ${first.detail} (event ${formatCount(first.event)}: ${first.request})`;
  return [...part('failed', failed), ...part('why', why)];
}

function processText(
  { name, bytes }: { name: string; bytes: number },
  userBytes: number | undefined,
): string {
  const limit = userBytes === undefined ? '' : ` of ${formatBytes(userBytes)}`;
  return `process ${name} has ${formatBytes(bytes)} mapped${limit}`;
}

interface Line {
  readonly name: string;
  readonly means?: string;
  readonly why: string;
}

function curesPart({ tried, rules, main, trace }: Advice, { width, all }: AdviceTextOptions): string[] {
  if (main === undefined && (trace === undefined || trace.failures === 0)) return [];
  const cures = tried?.candidates.filter(({ cures }) => cures) ?? [];
  const lines = [...rules.helps.map(ruleLine), ...cures.map(candidateLine)];
  if (lines.length === 0) return tried === undefined ? [] : ['', 'nothing that was tried cures it'];
  return [
    '',
    hanging(
      '',
      `may help, what takes least first (${howFound(cures.length, rules.helps.length, main)})`,
      2,
      width,
    ),
    ...table(all ? lines : lines.slice(0, MOST_CURES + rules.helps.length), width),
  ];
}

/** What stands behind the cures. */
function howFound(replayed: number, byRule: number, main: Advice['main']): string {
  if (replayed === 0) return 'by rule: this is not replayed';
  const how = isOfUnusedRam(main?.verdict.kind)
    ? 'booted: the RAM that it uses'
    : 'replayed: the state and what failed in it';
  return `= ${how}${byRule > 0 ? '; others by rule' : ''}`;
}

function ruleLine({ name, means, why }: Rule): Line {
  return { name: `  ${name}`, means, why };
}

function candidateLine({ name, means, why }: TriedCandidate): Line {
  return { name: `= ${name}`, means, why };
}

function obstaclesPart({ tried, rules, trace }: Advice, { width, all }: AdviceTextOptions): string[] {
  if (trace?.failures === 0) return [];
  const failed = tried?.candidates.filter(({ cures }) => !cures) ?? [];
  const lines: Line[] = [
    ...rules.doesNot.map(({ name, why }) => ({ name: `  ${name}`, why })),
    ...failed.map(({ name, why }) => ({ name: `= ${name}`, why })),
  ];
  if (lines.length === 0) return [];
  return [
    '',
    'does not help',
    ...table(all ? lines : lines.slice(0, MOST_OBSTACLES + rules.doesNot.length), width),
  ];
}

function table(lines: readonly Line[], width: number): string[] {
  const names = Math.min(28, Math.max(...lines.map(({ name }) => name.length)));
  return lines.map(({ name, means, why }) => {
    const head = `${name.padEnd(names)}  `;
    return hanging(
      head,
      means === undefined ? why : `${means}: ${why}`,
      head.length > 34 ? 6 : names + 2,
      width,
    );
  });
}

function notesPart({ notes, evidence }: Advice, { width, all }: AdviceTextOptions): string[] {
  const unused = evidence.unused.map((file) => `${file} says nothing that is used here`);
  const lines = [...notes, ...unused];
  const shown = all ? lines : lines.slice(0, MOST_NOTES);
  return shown.length === 0 ? [] : ['', ...shown.map((note) => hanging('note: ', note, 6, width))];
}

function missingPart({ missing }: Advice, part: Part): string[] {
  return missing.flatMap(({ what, tells, command }) => part('bring', `${what}, for ${tells}: ${command}`));
}

function commandsPart({ commands }: AdviceTextOptions): string[] {
  return commands.length === 0 ? [] : ['', 'to see more', ...commands.map(commandText)];
}

/** Each lane on a line of its own, as a shell takes it. */
function commandText(command: string): string {
  return `  ${command.replaceAll(' --layouts ', ' \\\n    --layouts ')}`;
}
