/**
 * The option `mmu`: a preset's name and settings, with commas between them, or a JSON file with the same settings.
 * `skylake,replacement=plru,l1d.large=8x4,kpti=on`; `{ "preset": "skylake", "l1d.large": "8x4", "kpti": true }`.
 */
import {
  type CacheShape,
  DEFAULT_MMU,
  MMU_PRESETS,
  type MmuOptions,
  NO_CACHE,
  nearest,
  TLB_NAMES,
  TLB_PARTS,
  UsageError,
  WALK_CACHE_NAMES,
} from '../../core/index.ts';
import { placeOf, type RunFiles } from './files.ts';

export async function mmuOf(settings: string, files: Pick<RunFiles, 'text'>): Promise<Partial<MmuOptions>> {
  if (!settings.endsWith('.json') && settings !== '-') return parseMmu(settings);
  return parseMmuFile(await files.text(settings, 'settings of an MMU as JSON'), placeOf(settings));
}

/** What was typed, as settings in their order; later ones win. */
export function parseMmu(text: string): Partial<MmuOptions> {
  return mmuFrom(
    '--mmu',
    text.split(',').map((word) => {
      const [, key, value] = /^([^=]+)=(.*)$/.exec(word.trim()) ?? [undefined, 'preset', word.trim()];
      return [key!, value!];
    }),
  );
}

function parseMmuFile(text: string, file: string): Partial<MmuOptions> {
  let settings: unknown;
  try {
    settings = JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      `${file}: found no JSON (${(error as Error).message}), expected an object of settings`,
    );
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    throw new UsageError(`${file}: found ${text.trim().slice(0, 20)}, expected an object of settings`);
  return mmuFrom(file, Object.entries(settings));
}

type Draft = { -readonly [K in keyof MmuOptions]?: MmuOptions[K] };

function mmuFrom(place: string, settings: readonly (readonly [string, unknown])[]): Partial<MmuOptions> {
  let mmu: Draft = {};
  for (const [key, value] of settings) mmu = { ...mmu, ...setting(`${place}: ${key}`, mmu, key, value) };
  return mmu;
}

const WALK_KEYS: readonly string[] = WALK_CACHE_NAMES;
const SWITCHES: readonly string[] = ['unifiedL1', 'pcid', 'kpti'];
/** Settings that are SETSxWAYS. */
export const MMU_ARRAYS: readonly string[] = [
  ...TLB_NAMES.flatMap((name) => [name, ...TLB_PARTS.map((part) => `${name}.${part}`)]),
  ...WALK_CACHE_NAMES,
];
export const MMU_KEYS: readonly string[] = [...MMU_ARRAYS, ...SWITCHES, 'replacement', 'seed'];

/** What one setting changes. Values of another kind are refused here; those out of range by the machine. */
function setting(place: string, mmu: Draft, key: string, value: unknown): Draft {
  if (key === 'preset') return presetNamed(place, value);
  if (!MMU_KEYS.includes(key)) throw unknown(place, key, [...MMU_KEYS, 'preset']);
  if (SWITCHES.includes(key)) return { [key]: switchOf(place, value) };
  if (key === 'replacement') return { replacement: String(value) as MmuOptions['replacement'] };
  if (key === 'seed') return { seed: numberOf(place, value) };
  const shape = shapeOf(place, value);
  if (WALK_KEYS.includes(key)) return { [key]: shape };
  const [name, part] = key.split('.') as [(typeof TLB_NAMES)[number], string | undefined];
  const level = mmu[name] ?? DEFAULT_MMU[name] ?? NO_CACHE;
  return { [name]: part === undefined ? { ...level, ...shape } : { ...level, [part]: shape } };
}

function presetNamed(place: string, value: unknown): Draft {
  const name = String(value);
  if (!Object.hasOwn(MMU_PRESETS, name)) throw unknown(place, name, Object.keys(MMU_PRESETS));
  return MMU_PRESETS[name]!.options;
}

function switchOf(place: string, value: unknown): boolean {
  if (value === true || value === 'on') return true;
  if (value === false || value === 'off') return false;
  throw new UsageError(`${place}: found ${JSON.stringify(value)}, expected on or off`);
}

function numberOf(place: string, value: unknown): number {
  if (/^\d+$/.test(String(value))) return Number(value);
  throw new UsageError(`${place}: found ${JSON.stringify(value)}, expected a whole number`);
}

/** `16x4` or `none`. */
function shapeOf(place: string, value: unknown): CacheShape {
  if (value === 'none') return NO_CACHE;
  const [, sets, ways] = /^(\d+)x(\d+)$/.exec(String(value)) ?? [];
  if (sets !== undefined) return { sets: Number(sets), ways: Number(ways) };
  throw new UsageError(
    `${place}: found ${JSON.stringify(value)}, expected sets x ways such as 16x4, or none`,
  );
}

function unknown(place: string, found: string, known: readonly string[]): UsageError {
  const near = nearest(found, known);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return new UsageError(`${place}: found ${found}, expected one of ${known.join(', ')}${hint}`);
}
