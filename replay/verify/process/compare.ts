/** A prediction against the truth, snapshot by snapshot and fault by fault. */
import type { FilePart, MapsLine } from '../../../traces/index.ts';
import { withFile } from '../../views/process-pages.ts';
import type { PredictedMoment, Prediction } from './predict.ts';
import type { Snapshot, TrueFault } from './truth.ts';

export interface ProgramFigures {
  readonly mapsLines: number;
  readonly mapsRight: number;
  readonly faults: number;
  readonly faultsPredicted: number;
  readonly rssKb: number;
  readonly rssKbPredicted: number;
  readonly pteKb: number;
  readonly pteKbPredicted: number;
}

/** A snapshot, and the moment of the replay that it was taken at. */
export interface Pair {
  readonly truth: Snapshot;
  readonly predicted: PredictedMoment | undefined;
}

/** In order, process by process: the n-th that has a snapshot is the n-th that the recording has one of. */
export function pairsOf(truth: readonly Snapshot[], moments: readonly PredictedMoment[]): Pair[] {
  const namesake = namesakes(truth, moments);
  const left = new Map<number, PredictedMoment[]>();
  for (const moment of moments) left.set(moment.pid, [...(left.get(moment.pid) ?? []), moment]);
  return truth.map((snapshot) => {
    const own = left.get(namesake.get(snapshot.pid) ?? -1) ?? [];
    const at = own.findIndex(({ kind }) => kind === snapshot.kind);
    return { truth: snapshot, predicted: at < 0 ? undefined : own.splice(0, at + 1).at(-1) };
  });
}

/** Numbers of processes in the recording, by those of the truth. */
function namesakes(
  truth: readonly { readonly pid: number }[],
  moments: readonly { readonly pid: number }[],
): Map<number, number> {
  const ofTruth = [...new Set(truth.map(({ pid }) => pid))];
  const ofTrace = [...new Set(moments.map(({ pid }) => pid))];
  const areSame = ofTruth.every((pid) => ofTrace.includes(pid));
  if (areSame) return new Map(ofTruth.map((pid) => [pid, pid]));
  const order = (pids: number[]): number[] => pids.sort((a, b) => a - b);
  const [left, right] = [order(ofTruth), order(ofTrace)];
  return new Map(left.flatMap((pid, i) => (right[i] === undefined ? [] : [[pid, right[i]]])));
}

/** What a line of maps is compared by; files by the last part of their paths, which need not be the same links. */
function keyOf(line: MapsLine, name: string): string {
  return `${line.start.toString(16)}-${line.end.toString(16)} ${line.permissions} ${line.offsetBytes.toString(16)} ${name}`;
}

export function trueKeys(lines: readonly MapsLine[]): string[] {
  return lines.filter(({ name }) => name !== '[vsyscall]').map((line) => keyOf(line, plainName(line.name)));
}

export function predictedKeys({ mappings }: PredictedMoment, files: readonly FilePart[]): string[] {
  return mappings.map((mapping) => {
    const line = withFile(mapping, files);
    const isSpecial = line.name.startsWith('[');
    return keyOf(isSpecial ? { ...line, offsetBytes: 0n } : line, plainName(line.name));
  });
}

/** The two parts of vvar are one kind of mapping to us. */
export function plainName(name: string): string {
  if (name === '[vvar_vclock]') return '[vvar]';
  return name.startsWith('/') && !name.startsWith('/dev/zero') ? name.slice(name.lastIndexOf('/') + 1) : name;
}

/** Pages have 4 KiB wherever a capture is of. */
const PAGE_KB = 4;

export function rssKbOf({ mappings }: PredictedMoment): number {
  return mappings.reduce((sum, mapping) => sum + residentKbOf(mapping), 0);
}

export function residentKbOf({ pages }: PredictedMoment['mappings'][number]): number {
  return pages.filter(({ isZero }) => !isZero).length * PAGE_KB;
}

export function figuresOf(
  pairs: readonly Pair[],
  files: readonly FilePart[],
  faults: readonly TrueFault[],
  prediction: Prediction,
): ProgramFigures {
  const sum = (of: (pair: Pair) => number): number => pairs.reduce((total, pair) => total + of(pair), 0);
  return {
    mapsLines: sum(({ truth }) => trueKeys(truth.maps).length),
    mapsRight: sum((pair) => rightLines(pair, files)),
    faults: faults.length,
    faultsPredicted: prediction.faults.length,
    rssKb: sum(({ truth }) => truth.rssKb),
    rssKbPredicted: sum(({ predicted }) => (predicted === undefined ? 0 : rssKbOf(predicted))),
    pteKb: sum(({ truth }) => truth.pteKb),
    pteKbPredicted: sum(({ predicted }) => predicted?.pteKb ?? 0),
  };
}

function rightLines({ truth, predicted }: Pair, files: readonly FilePart[]): number {
  if (predicted === undefined) return 0;
  const found = new Set(predictedKeys(predicted, files));
  return trueKeys(truth.maps).filter((key) => found.has(key)).length;
}
