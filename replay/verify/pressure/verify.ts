/** A capture of memory pressure replayed, against what its kernel did. */
import { toldBy } from './calls.ts';
import type { PressureCapture } from './capture.ts';
import { type PressureFigure, pressureFigures } from './compare.ts';
import { OTHER_DISKS } from './costs.ts';
import { pressureMachine, withDisk } from './machine.ts';
import { pageTableFigures } from './page-table-figures.ts';
import type { FreeAtStart } from './player.ts';
import { type PressurePrediction, predictPressure } from './run.ts';
import { capturedSteps } from './step-counts.ts';
import { stepFigures } from './step-figures.ts';
import { pressureTruth } from './truth.ts';

export interface CaptureVerification {
  readonly capture: string;
  readonly layout: string;
  readonly script: string;
  readonly figures: readonly PressureFigure[];
  /** Median of the free pages, by zone, when who asked for memory began to reclaim himself, and when kswapd began. */
  readonly freeAtDirect: FreeAtStart;
  readonly freeAtKswapd: FreeAtStart;
  /** Marks of the script that the capture has not, or the other way round. */
  readonly marksWithoutPartner: readonly string[];
  /** Events that the machine refused. */
  readonly refused: number;
}

export function verifyPressure(capture: PressureCapture): CaptureVerification {
  const machine = pressureMachine(capture);
  const truth = pressureTruth(capture);
  const told = toldBy(capture.trace, capture.script.begin);
  const predicted = predictPressure(capture, machine, told);
  const figures = pressureFigures(truth, predicted);
  const variants = (usesDisk(predicted) ? OTHER_DISKS : []).map((speed) =>
    pressureFigures(truth, predictPressure(capture, withDisk(machine, speed), told)),
  );
  const [here, there] = [truth.marks, predicted.marks].map((marks) => marks.map(({ name }) => name));
  return {
    capture: capture.name,
    layout: machine.layout.name,
    script: capture.script.name,
    figures: [
      ...pageTableFigures(capture.pageTables, machine.layout),
      ...stepFigures(capturedSteps(capture.dumps, capture.trace), predicted),
      ...figures.map((figure) => withRange(figure, variants)),
    ],
    freeAtDirect: medians(predicted.direct),
    freeAtKswapd: medians(predicted.kswapd),
    marksWithoutPartner: there!.filter((name) => !here!.includes(name)),
    refused: predicted.refused,
  };
}

/** Whether the disk has a say in it. */
function usesDisk({ marks }: PressurePrediction): boolean {
  return marks.some(({ counts, cached }) => counts.pswpout > 0 || cached.size > 0);
}

/** What a figure comes to with faster and slower disks. */
function withRange(figure: PressureFigure, others: readonly (readonly PressureFigure[])[]): PressureFigure {
  const same = others.map((figures) =>
    figures.find(({ mark, what }) => mark === figure.mark && what === figure.what),
  );
  const all = [figure, ...same].map((one) => Number(one?.predicted));
  if (others.length === 0 || all.some(Number.isNaN)) return figure;
  const bestPercent = Math.max(figure.percent, ...same.map((one) => one!.percent));
  return { ...figure, range: [Math.min(...all), Math.max(...all)], bestPercent };
}

function medians(all: readonly FreeAtStart[]): FreeAtStart {
  const names = Object.keys(all[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(all.map((one) => one[name]!))]));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
