/** For people: a table of programs, and below it what was not as predicted. */
import picocolors from 'picocolors';
import { sideBySide } from '../../text/plain-table.ts';
import { formatCount } from '../../text/units.ts';
import { hanging } from '../../text/wrap.ts';
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

/** @param width of the terminal; undefined: sentences are not broken */
export function processVerificationText(
  result: ProcessVerification,
  { colors = false, width }: { readonly colors?: boolean; readonly width?: number | undefined } = {},
): string {
  const paint = picocolors.createColors(colors);
  const { programs, failed, atLeastPercent, agrees } = result;
  const verdict = agrees
    ? paint.green(`agrees: every program at ${atLeastPercent} % or above`)
    : paint.red(`disagrees: below ${atLeastPercent} %: ${failed.join(', ') || 'there is no program'}`);
  const parts = [
    figuresTable(result, paint, width),
    ...programs.map((program) => details(program, paint, width)),
    verdict,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function figuresTable({ programs, total }: ProcessVerification, { bold }: Paint, width?: number): string {
  const head = ['program', 'replayed', 'lines of maps', 'faults', 'RSS in kB', 'VmPTE in kB'];
  const rows = programs.map((each) => [each.program, each.format, ...cells(each)]);
  const sum = programs.length > 1 ? [['all', '', ...cells(total)]] : [];
  return `what is right, or predicted, of what is true\n${sideBySide([head.map(bold), ...rows, ...sum], width)}`;
}

/** What was right, or predicted, of what is true; of sizes and counts that differ also by how much. */
function cells(figures: ProgramFigures): string[] {
  return figuresOf(figures).map((figure, i) => {
    const [truth, predicted] = figure;
    const error = errorPercent(figure);
    const share = i === 0 || error === 0 ? '' : ` (${error > 0 ? '+' : ''}${error.toFixed(1)} %)`;
    return `${formatCount(predicted)} of ${formatCount(truth)}${share}`;
  });
}

function details(
  { program, warnings, disagreements, faultsByMapping, snapshotsWithoutMoment }: ProgramVerification,
  paint: Paint,
  width: number | undefined,
): string {
  const apart = faultsByMapping.filter(({ faults, faultsPredicted }) => faults !== faultsPredicted);
  const lines = [
    ...warnings,
    ...(snapshotsWithoutMoment.length === 0
      ? []
      : [`not in the recording: snapshots ${snapshotsWithoutMoment.join(', ')}`]),
    ...apart.map(
      ({ mapping, faults, faultsPredicted }) => `${mapping}: ${faults} faults, predicted ${faultsPredicted}`,
    ),
    ...disagreements.map(
      ({ what, at, truth, predicted }) => `${what}, ${at}: ${truth}; predicted ${predicted}`,
    ),
  ];
  const told = lines.map((line) => hanging('  ', line, 4, width));
  return told.length === 0 ? '' : [paint.bold(program), ...told].join('\n');
}
