/**
 * The smallest number that fits, where fitting is not monotone: a larger window moves other things, and what fitted below
 * may fail above. So the answer is bisected and then looked around; of numbers that nobody tried nothing is known.
 */

/** `impossible`: there is no such machine, which is neither a yes nor a no. */
export type Verdict = 'fits' | 'fails' | 'impossible';

export interface SearchOptions {
  /** Where to begin: doubled from there until it fits, or halved until it does not. */
  readonly start: number;
  /** Nothing above is tried. */
  readonly most: number;
  /** Neighbours on each side of the answer that are tried too. */
  readonly around: number;
}

/** Whole numbers from 1 on; each is asked for once. Undefined: none of those that were tried fits. */
export async function smallestThatFits(
  { start, most, around }: SearchOptions,
  test: (n: number) => Promise<Verdict>,
): Promise<number | undefined> {
  const known = new Map<number, Verdict>();
  const ask = async (n: number): Promise<Verdict> => {
    const before = known.get(n);
    if (before !== undefined) return before;
    const verdict = await test(n);
    known.set(n, verdict);
    return verdict;
  };
  const first = await possibleFrom(Math.min(start, most), most, ask);
  if (first === undefined) return undefined;
  const range = (await ask(first)) === 'fits' ? await down(first, ask) : await up(first, most, ask);
  if (range === undefined) return undefined;
  let answer = await bisected(range, ask);
  for (;;) {
    for (const n of neighbours(answer, around)) if (n >= 1 && n <= most) await ask(n);
    const smallest = Math.min(...[...known].filter(([, verdict]) => verdict === 'fits').map(([n]) => n));
    if (smallest === answer) return answer;
    // One below fits as well: then those below that are its neighbours.
    answer = smallest;
  }
}

/** The nearest first. */
function neighbours(n: number, around: number): number[] {
  return Array.from({ length: around }, (_, i) => [n + i + 1, n - i - 1]).flat();
}

type Ask = (n: number) => Promise<Verdict>;

/** `fits` fits, and nothing that was tried below it. */
interface Range {
  readonly fails: number;
  readonly fits: number;
}

/** The nearest possible one that halving finds, else doubling. */
async function possibleFrom(start: number, most: number, ask: Ask): Promise<number | undefined> {
  for (let n = start; n >= 1; n = Math.floor(n / 2)) if ((await ask(n)) !== 'impossible') return n;
  for (let n = 2 * start; n <= most; n *= 2) if ((await ask(n)) !== 'impossible') return n;
  return undefined;
}

async function down(from: number, ask: Ask): Promise<Range> {
  let fits = from;
  let n = Math.floor(from / 2);
  for (; n >= 1 && (await ask(n)) === 'fits'; n = Math.floor(n / 2)) fits = n;
  return { fails: n, fits };
}

/** Up to what is possible: where doubling goes beyond that, what lies between is bisected for it. */
async function up(from: number, most: number, ask: Ask): Promise<Range | undefined> {
  let fails = from;
  let beyond = most + 1;
  for (let n = 2 * from; n < beyond; n = 2 * fails) {
    const verdict = await ask(n);
    if (verdict === 'fits') return { fails, fits: n };
    if (verdict === 'fails') fails = n;
    else beyond = n;
  }
  while (beyond - fails > 1) {
    const n = Math.floor((fails + beyond) / 2);
    const verdict = await ask(n);
    if (verdict === 'fits') return { fails, fits: n };
    if (verdict === 'fails') fails = n;
    else beyond = n;
  }
  return undefined;
}

async function bisected({ fails: below, fits: above }: Range, ask: Ask): Promise<number> {
  let [fails, fits] = [below, above];
  while (fits - fails > 1) {
    const n = Math.floor((fails + fits) / 2);
    if ((await ask(n)) === 'fits') fits = n;
    else fails = n;
  }
  return fits;
}
