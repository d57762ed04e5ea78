/** A prediction against the truth: figures, mark by mark, of which each is right to some per cent. */
import { type PagePlaces, PRESENT } from './mappings.ts';
import type { PressureCounts, PressureMark, PressurePrediction } from './run.ts';
import { type PressureTruth, UNNAMED } from './truth.ts';

export interface PressureFigure {
  /** The mark; empty for what is of the whole run. */
  readonly mark: string;
  readonly what: string;
  /** As people read it. */
  readonly truth: string;
  readonly predicted: string;
  /** `truth` and `predicted` are how often something was, not how many of a set are the same. */
  readonly isCount?: true;
  /** The least and the most that are predicted with other disks, where those have a say. */
  readonly range?: readonly [least: number, most: number];
  /** The most right that it is with any of them. */
  readonly bestPercent?: number;
  /** How right it is: 100 is equal. */
  readonly percent: number;
  /** Below this it disagrees. */
  readonly least: number;
  /** What the first page, process or count is that differs; empty where all agree. */
  readonly first: string;
}

/** Bars: a kernel that is booted again differs by some per cent itself, most in who reclaims. */
const LEAST = {
  pages: 98,
  present: 99,
  order: 98,
  runs: 85,
  killed: 100,
  migrated: 80,
  migrateScanned: 60,
} as const;
/** Fewer than this are a chance, and not compared by their share: pages that process 1 and other programs had. */
const CHANCE_PAGES = 50;
const CHANCE_RUNS = 4;

const COUNTS: readonly (readonly [keyof PressureCounts, string, number, number])[] = [
  ['pswpout', 'pages out', LEAST.pages, CHANCE_PAGES],
  ['pswpin', 'pages in', LEAST.pages, CHANCE_PAGES],
  ['kswapdRuns', 'kswapd runs', LEAST.runs, CHANCE_RUNS],
  ['directReclaims', 'direct reclaims', LEAST.runs, CHANCE_RUNS],
];

/** Where anything was compacted. */
const COMPACTED: typeof COUNTS = [
  ['compactStalls', 'compaction stalls', LEAST.runs, 1],
  ['compactSuccesses', 'compacted', LEAST.runs, 1],
];

export function pressureFigures(truth: PressureTruth, predicted: PressurePrediction): PressureFigure[] {
  const figures: PressureFigure[] = [];
  for (const mark of truth.marks) {
    const other = predicted.marks.find(({ name }) => name === mark.name);
    if (other === undefined) continue;
    const isCompacted = mark.counts.compactStalls + other.counts.compactStalls > 0;
    for (const [key, what, least, chance] of [...COUNTS, ...(isCompacted ? COMPACTED : [])])
      figures.push(countFigure(mark.name, what, mark.counts[key], other.counts[key], least, chance));
    if (isCompacted) {
      figures.push(rangeFigure(mark, other, 'migrated', 'pages migrated'));
      figures.push(rangeFigure(mark, other, 'migrateScanned', 'pages scanned'));
    }
    for (const [name, places] of mark.places) {
      const found = other.places.get(name);
      if (found === undefined) continue;
      figures.push(presentFigure(mark.name, name, isPresent(places), isPresent(found)));
      figures.push(...orderFigures(mark.name, slotOrder(places), slotOrder(found)));
    }
    for (const [name, pages] of mark.cached) {
      const found = other.cached.get(name);
      if (found !== undefined) figures.push(presentFigure(mark.name, name, pages, found));
    }
  }
  const evicted = [...predicted.evicted.values()].sort((a, b) => b.length - a.length)[0] ?? [];
  if (truth.evicted.length > 0)
    figures.push(...orderFigures('', firstTimes(truth.evicted), firstTimes(evicted)));
  if (truth.bounced.length > 0) figures.push(...bounceFigures(truth.bounced, predicted.bounced));
  const hasKills = truth.killed.length > 0 || predicted.killed.length > 0;
  return hasKills ? [...figures, killedFigure(truth.killed, predicted.killed)] : figures;
}

function countFigure(
  mark: string,
  what: string,
  truth: number,
  predicted: number,
  least: number,
  chance: number,
): PressureFigure {
  const apart = Math.abs(truth - predicted);
  const percent = apart <= chance ? 100 : Math.max(0, 100 - (100 * apart) / Math.max(truth, 1));
  const first = apart <= chance ? '' : `${predicted - truth > 0 ? '+' : ''}${predicted - truth}`;
  return {
    mark,
    what,
    isCount: true,
    truth: String(truth),
    predicted: String(predicted),
    percent,
    least,
    first,
  };
}

/**
 * Pages that were moved or looked at: from what those did who had to, to what kcompactd did beside them, which depends on who
 * else wants the cpu. How many it takes also depends on where in memory the kernel's own pages lie, which nothing tells, and
 * how far both scanners get on what kcompactd has moved before.
 */
function rangeFigure(
  { name, counts, ownCompaction }: PressureMark,
  { counts: predicted }: PressureMark,
  key: 'migrated' | 'migrateScanned',
  what: string,
): PressureFigure {
  const most = counts[key];
  const least = Math.min(most, ownCompaction?.[key] ?? most);
  const found = predicted[key];
  const apart = found < least ? least - found : Math.max(0, found - most);
  const nearest = found < least ? least : most;
  const truth = least === most ? String(most) : `${least}-${most}`;
  const percent = apart === 0 ? 100 : Math.max(0, 100 - (100 * apart) / Math.max(nearest, 1));
  const first = apart === 0 ? '' : `${found}, predicted; ${truth} true`;
  return { mark: name, what, truth, predicted: String(found), percent, least: LEAST[key], first };
}

/** Below its bar, but what was true lies within what other disks give: more cannot be said of a disk that nobody knows. */
export function isInRange({ isCount, truth, range, bestPercent = 0, least }: PressureFigure): boolean {
  if (range === undefined) return false;
  const isBetween = isCount === true && range[0] <= Number(truth) && Number(truth) <= range[1];
  return isBetween || bestPercent >= least;
}

function isPresent(places: PagePlaces): Uint8Array {
  return Uint8Array.from(places, (place) => (place === PRESENT ? 1 : 0));
}

/** Of all pages up to the last that is in memory, those that are there in both, or in neither. */
function presentFigure(mark: string, name: string, truth: Uint8Array, predicted: Uint8Array): PressureFigure {
  const length = Math.max(truth.lastIndexOf(1), predicted.lastIndexOf(1)) + 1;
  let [same, both, found] = [0, 0, 0];
  let first = '';
  for (let page = 0; page < length; page++) {
    const [is, seems] = [truth[page] ?? 0, predicted[page] ?? 0];
    both += is;
    found += seems;
    if (is === seems) same++;
    else if (first === '')
      first = `page ${page} is ${is ? 'present' : 'gone'}, predicted ${seems ? 'present' : 'gone'}`;
  }
  return {
    ...{ mark, what: `present, ${name}`, truth: String(both), predicted: String(found) },
    percent: length === 0 ? 100 : (100 * same) / length,
    ...{ least: LEAST.present, first },
  };
}

/** Pages in the order of their slots: that in which they went. */
function slotOrder(places: PagePlaces): number[] {
  const pages = [...places.keys()].filter((page) => places[page]! > 0);
  return pages.sort((a, b) => places[a]! - places[b]!);
}

/** Each page once, when it first went. */
function firstTimes(pages: readonly number[]): number[] {
  return [...new Set(pages)];
}

/** Of neighbours in the true order that both went in the prediction too, the pairs that went in that order. */
function orderFigures(
  mark: string,
  truth: readonly number[],
  predicted: readonly number[],
): PressureFigure[] {
  const rank = new Map(predicted.map((page, i) => [page, i]));
  let [pairs, right] = [0, 0];
  let first = '';
  for (let i = 1; i < truth.length; i++) {
    const [before, after] = [rank.get(truth[i - 1]!), rank.get(truth[i]!)];
    if (before === undefined || after === undefined) continue;
    pairs++;
    if (before < after) right++;
    else if (first === '') first = `page ${truth[i - 1]} went before ${truth[i]}`;
  }
  if (truth.length === 0 && predicted.length === 0) return [];
  const order: PressureFigure = {
    ...{ mark, what: 'victims in order', truth: `${pairs}`, predicted: `${right}` },
    percent: pairs === 0 ? 0 : (100 * right) / pairs,
    ...{ least: LEAST.order, first },
  };
  return [order, firstFigure(mark, truth[0], predicted[0])];
}

function firstFigure(mark: string, truth: number | undefined, predicted: number | undefined): PressureFigure {
  const name = (page: number | undefined): string => (page === undefined ? 'none' : `${page}`);
  return {
    ...{ mark, what: 'first victim', truth: name(truth), predicted: name(predicted) },
    ...{ percent: truth === predicted ? 100 : 0, least: 100 },
    first: truth === predicted ? '' : `page ${name(truth)}, predicted ${name(predicted)}`,
  };
}

/** How many there were, and of those in order how many have the right size. */
function bounceFigures(truth: readonly number[], predicted: readonly number[]): PressureFigure[] {
  const at = truth.findIndex((bytes, i) => bytes !== predicted[i]);
  const same = truth.filter((bytes, i) => bytes === predicted[i]).length;
  const length = Math.max(truth.length, predicted.length);
  const sizes: PressureFigure = {
    ...{ mark: '', what: 'sizes in order', truth: String(truth.length), predicted: String(same) },
    ...{ percent: (100 * same) / length, least: 100 },
    first: at < 0 ? '' : `bounce ${at + 1} of ${truth[at]} bytes, predicted ${predicted[at] ?? 'none'}`,
  };
  const count = countFigure('', 'bounces', truth.length, predicted.length, 100, 0);
  return [count, sizes];
}

function killedFigure(truth: readonly string[], predicted: readonly string[]): PressureFigure {
  const isSame = (i: number): boolean =>
    truth[i] === predicted[i] || (truth[i] === UNNAMED && predicted[i] !== undefined);
  const length = Math.max(truth.length, predicted.length);
  const at = Array.from({ length }, (_, i) => i).find((i) => !isSame(i));
  const list = (names: readonly string[]): string => names.join(', ') || 'nobody';
  return {
    ...{ mark: '', what: 'killed', truth: list(truth), predicted: list(predicted) },
    ...{ percent: at === undefined ? 100 : (100 * at) / length, least: LEAST.killed },
    first:
      at === undefined
        ? ''
        : `${truth[at] ?? 'nobody'} as number ${at + 1}, predicted ${predicted[at] ?? 'nobody'}`,
  };
}
