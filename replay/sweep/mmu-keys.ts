/**
 * Keys of an MMU: `mmu.SETTING` for each setting of `--mmu`, and for the arrays among them what they are made of:
 * `mmu.l2.entries`, `mmu.l2.ways`, `mmu.l2.sets`. Two of the three say all; of one alone, ways stay as they are when the
 * size is varied, and the size stays when the ways are.
 */
import { UsageError } from '../../core/base/errors.ts';
import { type CacheShape, DEFAULT_MMU, type MmuOptions, NO_CACHE } from '../../core/tlb/options.ts';
import { MMU_ARRAYS, MMU_KEYS, parseMmu } from '../spec/index.ts';

export const MEASURES = ['entries', 'ways', 'sets'] as const;
export type Measure = (typeof MEASURES)[number];

export interface MmuKey {
  /** As in `--mmu`: `l2`, `kpti`. */
  readonly setting: string;
  /** Of an array. */
  readonly measure?: Measure;
}

/** `mmu.` is not needed, and a TLB may be called one: `l2tlb.entries`. Undefined: it is no such key. */
export function mmuKeyNamed(name: string): MmuKey | undefined {
  const plain = name.replace(/^mmu\./, '').replace(/^(l[12][id]?)tlb(?=$|\.)/i, '$1');
  const measure = MEASURES.find((one) => plain.endsWith(`.${one}`));
  const setting = measure === undefined ? plain : plain.slice(0, -measure.length - 1);
  const isKnown = measure === undefined ? MMU_KEYS.includes(setting) : MMU_ARRAYS.includes(setting);
  // Bare words such as `seed` are of the run.
  if (!isKnown || (!name.startsWith('mmu.') && measure === undefined)) return undefined;
  return { setting, ...(measure !== undefined && { measure }) };
}

/** All of them, for messages and the help. */
export function mmuKeyNames(): string[] {
  return MMU_KEYS.map((key) => `mmu.${key}`);
}

/** Settings with these behind them, as `--mmu` takes them. */
export function mmuWith(base: string | undefined, varied: readonly (readonly [MmuKey, string])[]): string {
  if (base?.endsWith('.json') || base === '-')
    throw new UsageError(
      `mmu ${base}: found settings in a file, expected them in words where some are varied: --mmu skylake,kpti=on`,
    );
  const plain = varied.filter(([{ measure }]) => measure === undefined);
  const settings = [
    ...(base === undefined ? [] : [base]),
    ...plain.map(([{ setting }, value]) => `${setting}=${value}`),
  ];
  const mmu = settings.length === 0 ? {} : parseMmu(settings.join(','));
  const measured = varied.filter(([{ measure }]) => measure !== undefined);
  const arrays = [...new Set(measured.map(([{ setting }]) => setting))];
  const shapes = arrays.map((array) => {
    const own = measured.filter(([{ setting }]) => setting === array);
    const wanted = Object.fromEntries(own.map(([{ measure }, value]) => [measure, Number(value)]));
    return `${array}=${shapeText(array, wanted, arrayOf(mmu, array))}`;
  });
  return [...settings, ...shapes].join(',');
}

/** A part of a TLB that is not there shares the entries of the base pages. */
function arrayOf(mmu: Partial<MmuOptions>, array: string): CacheShape {
  const [name, part] = array.split('.') as [string, 'large' | 'huge' | undefined];
  const whole = { ...DEFAULT_MMU, ...mmu }[name as 'l2'] ?? NO_CACHE;
  return part === undefined ? whole : (whole[part] ?? NO_CACHE);
}

type Measures = { readonly [M in Measure]?: number };

function shapeText(array: string, { entries, ways, sets }: Measures, now: CacheShape): string {
  if (entries !== undefined && ways !== undefined && sets !== undefined)
    throw new UsageError(`mmu.${array}: found entries, ways and sets, expected two of them: they say all`);
  if (sets !== undefined && entries !== undefined)
    return `${sets}x${whole(array, entries, sets, 'sets', 'ways')}`;
  const w = ways ?? now.ways;
  if (w === 0)
    throw new UsageError(`mmu.${array}: found no such array in this MMU, expected its ways too: .ways=4`);
  if (sets !== undefined) return `${sets}x${w}`;
  return `${whole(array, entries ?? now.sets * now.ways, w, 'ways', 'sets')}x${w}`;
}

function whole(array: string, entries: number, by: number, what: string, gives: string): number {
  if (entries > 0 && entries % by === 0) return entries / by;
  throw new UsageError(
    `mmu.${array}: found ${entries} entries with ${by} ${what}, which gives no whole number of ${gives}; ` +
      `expected a multiple of ${by}`,
  );
}
