/** Where a prediction and the truth part: faults by what is mapped there, and the first lines, figures and faults. */
import type { FilePart } from '../../../traces/index.ts';
import { type Pair, plainName, predictedKeys, residentKbOf, rssKbOf, trueKeys } from './compare.ts';
import type { PredictedFault } from './predict.ts';
import type { Snapshot, TrueFault } from './truth.ts';

/** Faults in all mappings of a name. `writes`: of those, stores to pages that were there (copies, mostly). */
export interface MappingFaults {
  readonly mapping: string;
  readonly faults: number;
  readonly faultsPredicted: number;
  readonly writes: number;
  readonly writesPredicted: number;
}

export interface ProgramDisagreement {
  readonly what: 'maps' | 'rss' | 'smaps' | 'pte' | 'fault';
  /** Where or when. */
  readonly at: string;
  readonly truth: string;
  readonly predicted: string;
}

/** A fault, whoever tells of it. */
interface Fault {
  readonly page: bigint;
  readonly isWrite: boolean;
  /** The page was there. */
  readonly isProtection: boolean;
}

const [PF_PROT, PF_WRITE] = [1, 2];
const PAGE_SHIFT = 12n;
const [WRITE, MODIFY, OPERATION_MASK] = [1, 2, 3];

function faultOfTruth({ address, code }: TrueFault): Fault {
  return {
    page: address >> PAGE_SHIFT,
    isWrite: (code & PF_WRITE) !== 0,
    isProtection: (code & PF_PROT) !== 0,
  };
}

function faultOfReplay({ vpn, mode, kind }: PredictedFault): Fault {
  const operation = mode & OPERATION_MASK;
  return {
    page: BigInt(vpn),
    isWrite: operation === WRITE || operation === MODIFY,
    isProtection: kind === 'copy-on-write',
  };
}

/** By the names that the snapshots have for what lies there; most faults first. */
export function faultsByMapping(
  truth: readonly TrueFault[],
  predicted: readonly PredictedFault[],
  snapshots: readonly Snapshot[],
): MappingFaults[] {
  const names = new MappingNames(snapshots);
  const rows = new Map<string, { -readonly [K in keyof MappingFaults]: MappingFaults[K] }>();
  const rowOf = (page: bigint) => {
    const mapping = names.of(page);
    const row = rows.get(mapping) ?? {
      mapping,
      faults: 0,
      faultsPredicted: 0,
      writes: 0,
      writesPredicted: 0,
    };
    rows.set(mapping, row);
    return row;
  };
  for (const { page, isProtection } of truth.map(faultOfTruth)) {
    const row = rowOf(page);
    row.faults++;
    if (isProtection) row.writes++;
  }
  for (const { page, isProtection } of predicted.map(faultOfReplay)) {
    const row = rowOf(page);
    row.faultsPredicted++;
    if (isProtection) row.writesPredicted++;
  }
  return [...rows.values()].sort((a, b) => b.faults - a.faults);
}

class MappingNames {
  private readonly lines: readonly Snapshot['maps'][number][];

  constructor(snapshots: readonly Snapshot[]) {
    this.lines = snapshots.flatMap(({ maps }) => maps);
  }

  of(page: bigint): string {
    const address = page << PAGE_SHIFT;
    const line = this.lines.find(({ start, end }) => start <= address && address < end);
    if (line === undefined) return 'unmapped at every snapshot';
    return line.name === '' ? 'anonymous' : plainName(line.name);
  }
}

/** The first `first` of each kind. */
export function disagreementsOf(
  pairs: readonly Pair[],
  files: readonly FilePart[],
  truth: readonly TrueFault[],
  predicted: readonly PredictedFault[],
  first: number,
): ProgramDisagreement[] {
  const names = new MappingNames(pairs.map((pair) => pair.truth));
  return [
    ...pairs.flatMap((pair) => mapsOf(pair, files)).slice(0, first),
    ...pairs.flatMap((pair) => figureOf(pair, 'rss')).slice(0, first),
    ...pairs.flatMap(smapsOf).slice(0, first),
    ...pairs.flatMap((pair) => figureOf(pair, 'pte')).slice(0, first),
    ...faultsApart(truth.map(faultOfTruth), predicted.map(faultOfReplay), names, first),
  ];
}

/** The lines of a snapshot that are not as predicted, each with what was predicted in its place. */
function mapsOf({ truth, predicted }: Pair, files: readonly FilePart[]): ProgramDisagreement[] {
  if (predicted === undefined) return [];
  const [right, found] = [trueKeys(truth.maps), predictedKeys(predicted, files)];
  const wrong = found.filter((key) => !right.includes(key));
  return right
    .filter((key) => !found.includes(key))
    .map((key, i) => ({ what: 'maps', at: momentName(truth), truth: key, predicted: wrong[i] ?? 'no line' }));
}

/** Mappings of which more or less is resident than smaps says. */
function smapsOf({ truth, predicted }: Pair): ProgramDisagreement[] {
  return (predicted?.mappings ?? []).flatMap((mapping): ProgramDisagreement[] => {
    const { start, name } = mapping.line;
    const line = truth.maps.find((one) => one.start === start);
    const [right, found] = [truth.residentKb.get(start), residentKbOf(mapping)];
    if (right === undefined || line === undefined || right === found) return [];
    const at = `${momentName(truth)}, ${line.permissions} of ${plainName(line.name) || name || 'anonymous'}`;
    return [{ what: 'smaps', at, truth: `${right} kB resident`, predicted: `${found} kB` }];
  });
}

function figureOf({ truth, predicted }: Pair, what: 'rss' | 'pte'): ProgramDisagreement[] {
  if (predicted === undefined) return [];
  const [right, found] = what === 'rss' ? [truth.rssKb, rssKbOf(predicted)] : [truth.pteKb, predicted.pteKb];
  if (right === found) return [];
  return [{ what, at: momentName(truth), truth: `${right} kB`, predicted: `${found} kB` }];
}

function momentName({ label, kind, pid }: Snapshot): string {
  return `${kind} ${label} of process ${pid}`;
}

/** Pages that more faults happened at than were predicted, and the other way round. */
function faultsApart(
  truth: readonly Fault[],
  predicted: readonly Fault[],
  names: MappingNames,
  first: number,
): ProgramDisagreement[] {
  const counts = new Map<string, { readonly fault: Fault; truth: number; predicted: number }>();
  const count = (fault: Fault, whose: 'truth' | 'predicted'): void => {
    const key = `${fault.page} ${fault.isWrite}`;
    const entry = counts.get(key) ?? { fault, truth: 0, predicted: 0 };
    entry[whose]++;
    counts.set(key, entry);
  };
  for (const fault of truth) count(fault, 'truth');
  for (const fault of predicted) count(fault, 'predicted');
  const apart = [...counts.values()].filter((entry) => entry.truth !== entry.predicted);
  return apart.slice(0, first).map(({ fault, truth: right, predicted: found }) => ({
    what: 'fault',
    at: `${fault.isWrite ? 'stores to' : 'loads of'} page 0x${(fault.page << PAGE_SHIFT).toString(16)} (${names.of(fault.page)})`,
    truth: faultCount(right),
    predicted: faultCount(found),
  }));
}

function faultCount(count: number): string {
  return count === 1 ? '1 fault' : `${count} faults`;
}
