/** Which bank answers for a make of TLBs, by sort of reference; makes share banks wherever one can answer for both. */
import { type Arrangement, arrange, type CacheArray } from '../../tlb/arrangement.ts';
import { SIZE_CLASSES } from '../../tlb/keys.ts';
import type { MmuOptions } from '../../tlb/options.ts';
import { ArrayBank, type Bank, StackBank } from './bank.ts';
import { NR_SORTS } from './references.ts';

/** An array has what lies less deep than its limit. Undefined bank: there is no array. */
interface Role {
  readonly bank: Bank | undefined;
  readonly limit: number;
}

/** By sort. */
export type Roles = readonly Role[];

/** An array of a make, before there are banks. */
interface Wanted {
  readonly sorts: number;
  readonly array: CacheArray;
  /** Its place among the arrays of its make, which random replacement starts from. */
  readonly index: number;
  readonly options: MmuOptions;
  readonly level: Level;
}

export type Level = 'first' | 'second';

export interface Make {
  readonly options: MmuOptions;
  readonly arrangement: Arrangement;
}

export function makeOf(options: MmuOptions, nrLevels: number): Make {
  return { options, arrangement: arrange(options, nrLevels) };
}

/** What is equal for makes whose level is the same in every respect. */
export function levelText(make: Make, level: Level): string {
  return wantedOf(make, level)
    .map((wanted) => `${bankText(wanted)} ${wanted.array.ways}`)
    .join();
}

/** The banks of a level, and what they are to each of the makes, in their order. */
export function rolesOf(
  makes: readonly Make[],
  level: Level,
): { readonly banks: readonly Bank[]; readonly roles: readonly Roles[] } {
  const wanted = makes.map((make) => wantedOf(make, level));
  const ways = new Map<string, number>();
  for (const one of wanted.flat())
    ways.set(bankText(one), Math.max(ways.get(bankText(one)) ?? 0, one.array.ways));
  const banks = new Map<string, Bank>();
  for (const one of wanted.flat()) {
    const text = bankText(one);
    if (one.array.ways > 0 && !banks.has(text)) banks.set(text, bankFor(one, ways.get(text)!));
  }
  const roles = wanted.map((own) =>
    Array.from({ length: NR_SORTS }, (_, sort): Role => {
      const one = own.find(({ sorts }) => ((sorts >>> sort) & 1) !== 0)!;
      const limit = isStack(one.options) ? one.array.ways : Math.min(one.array.ways, 1);
      return { bank: banks.get(bankText(one)), limit };
    }),
  );
  return { banks: [...banks.values()], roles };
}

function wantedOf({ options, arrangement }: Make, level: Level): Wanted[] {
  const { arrays, l1d, l1i, l2, l2i } = arrangement;
  const bySort = level === 'first' ? [...l1d, ...l1i] : [...l2, ...l2i];
  const distinct = [...new Set(bySort)];
  return distinct.map((array) => ({
    sorts: bySort.reduce((mask, own, sort) => (own === array ? mask | (1 << sort) : mask), 0),
    array,
    index: (arrays as readonly CacheArray[]).indexOf(array),
    options,
    level,
  }));
}

function isStack({ replacement }: MmuOptions): boolean {
  return replacement === 'lru';
}

/** Equal for arrays of one bank, whose ways may differ if it is a stack. */
function bankText({ sorts, array: { sets, ways }, index, options }: Wanted): string {
  const { replacement, seed } = options;
  if (ways === 0) return `${sorts} none`;
  if (isStack(options)) return `${sorts} lru ${sets}`;
  return `${sorts} ${replacement} ${sets} ${ways} ${replacement === 'random' ? seed + index : ''}`;
}

function bankFor({ sorts, array: { sets, ways }, index, options, level }: Wanted, most: number): Bank {
  const { replacement, seed } = options;
  const knowsDirty = level === 'first' && (sorts & DATA_SORTS) !== 0;
  return isStack(options)
    ? new StackBank(sorts, { sets, ways: most }, knowsDirty)
    : new ArrayBank(sorts, { sets, ways }, knowsDirty, replacement, (seed + index) >>> 0);
}

const DATA_SORTS = 2 ** SIZE_CLASSES - 1;
