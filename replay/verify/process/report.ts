/** For people: a table of programs, and below it what was not as predicted. */
import picocolors from 'picocolors';
import { plainTable } from '../../text/plain-table.ts';
import { formatCount } from '../../text/units.ts';
import type { ProgramFigures } from './compare.ts';
import type { ProgramVerification } from './verify.ts';

export interface ProcessVerification {
  readonly programs: readonly ProgramVerification[];
  readonly total: ProgramFigures;
  readonly atLeastPercent: number;
  /** Programs of which a figure is below that. */
  readonly failed: readonly string[];
  readonly agrees: boolean;
}

type Paint = ReturnType<typeof picocolors.createColors>;
type Figure = readonly [truth: number, predicted: number];

export function processVerification(
  programs: readonly ProgramVerification[],
  atLeastPercent: number,
): ProcessVerification {
  const failed = programs.filter((program) => rightPercent(program) < atLeastPercent);
  return {
    programs,
    total: totalOf(programs),
    atLeastPercent,
    failed: failed.map(({ program }) => program),
    agrees: programs.length > 0 && failed.length === 0,
  };
}

function totalOf(programs: readonly ProgramVerification[]): ProgramFigures {
  const sum = (of: keyof ProgramFigures): number => programs.reduce((total, each) => total + each[of], 0);
  return {
    mapsLines: sum('mapsLines'),
    mapsRight: sum('mapsRight'),
    faults: sum('faults'),
    faultsPredicted: sum('faultsPredicted'),
    rssKb: sum('rssKb'),
    rssKbPredicted: sum('rssKbPredicted'),
    pteKb: sum('pteKb'),
    pteKbPredicted: sum('pteKbPredicted'),
  };
}

/** The worst of its four figures. */
export function rightPercent(figures: ProgramFigures): number {
  return Math.min(
    ...figuresOf(figures).map(([truth, predicted]) => 100 - Math.abs(errorPercent([truth, predicted]))),
  );
}

function figuresOf(figures: ProgramFigures): Figure[] {
  const { mapsLines, mapsRight, faults, faultsPredicted, rssKb, rssKbPredicted, pteKb, pteKbPredicted } =
    figures;
  return [
    [mapsLines, mapsRight],
    [faults, faultsPredicted],
    [rssKb, rssKbPredicted],
    [pteKb, pteKbPredicted],
  ];
}

function errorPercent([truth, predicted]: Figure): number {
  if (truth === predicted) return 0;
  return truth === 0 ? 100 : (100 * (predicted - truth)) / truth;
}

export function processVerificationText(result: ProcessVerification, { colors = false } = {}): string {
  const paint = picocolors.createColors(colors);
  const { programs, failed, atLeastPercent, agrees } = result;
  const verdict = agrees
    ? paint.green(`agrees: every program at ${atLeastPercent} % or above`)
    : paint.red(`disagrees: below ${atLeastPercent} %: ${failed.join(', ') || 'there is no program'}`);
  const parts = [figuresTable(result, paint), ...programs.map((program) => details(program, paint)), verdict];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function figuresTable({ programs, total }: ProcessVerification, paint: Paint): string {
  const head = [
    'program',
    'replayed',
    'maps',
    'right',
    'faults',
    'predicted',
    '',
    'RSS kB',
    'predicted',
    '',
    'VmPTE',
    'predicted',
  ];
  const rows = programs.map((each) => [each.program, each.format, ...cells(each)]);
  const sum = programs.length > 1 ? [['all', '', ...cells(total)]] : [];
  const alignments = head.map((_, i) => (i < 2 ? 'left' : 'right') as 'left' | 'right');
  return plainTable(alignments, [head.map(paint.bold), ...rows, ...sum]);
}

function cells(figures: ProgramFigures): string[] {
  const [maps, faults, rss, pte] = figuresOf(figures) as [Figure, Figure, Figure, Figure];
  return [...maps.map(formatCount), ...withError(faults), ...withError(rss), ...pte.map(formatCount)];
}

function withError(figure: Figure): string[] {
  const error = errorPercent(figure);
  return [...figure.map(formatCount), `${error > 0 ? '+' : ''}${error.toFixed(1)} %`];
}

function details(
  { program, warnings, disagreements, faultsByMapping, snapshotsWithoutMoment }: ProgramVerification,
  paint: Paint,
): string {
  const apart = faultsByMapping.filter(({ faults, faultsPredicted }) => faults !== faultsPredicted);
  const lines = [
    ...warnings.map((warning) => `  ${warning}`),
    ...(snapshotsWithoutMoment.length === 0
      ? []
      : [`  not in the recording: snapshots ${snapshotsWithoutMoment.join(', ')}`]),
    ...apart.map(
      ({ mapping, faults, faultsPredicted }) =>
        `  ${mapping}: ${faults} faults, predicted ${faultsPredicted}`,
    ),
    ...disagreements.map(
      ({ what, at, truth, predicted }) => `  ${what}, ${at}: ${truth}; predicted ${predicted}`,
    ),
  ];
  return lines.length === 0 ? '' : [paint.bold(program), ...lines].join('\n');
}
