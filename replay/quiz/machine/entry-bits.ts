/** How a page-table entry is read, found out by writing some: which bit says what. */
import { type EntryFlag, NO_FLAGS } from '../../../core/arch/entry-format.ts';
import type { Layout } from '../../../core/layout/layout.ts';

/** Where each flag has a bit of its own. */
interface EntryBits {
  readonly flags: readonly (readonly [flag: EntryFlag, bit: number])[];
  /** The lowest bit of the frame's number. */
  readonly frameBit: number;
}

const WORDS: Readonly<Record<EntryFlag, string>> = {
  present: 'present',
  writable: 'writable',
  user: 'user mode may',
  accessed: 'accessed',
  dirty: 'dirty',
  large: 'maps a large page itself',
  global: 'global',
  noExecute: 'no execute',
};

/** A sentence on the entries of the last level; of formats that are not so simple, where the frame stands only. */
export function entryText(layout: Layout): string {
  const { arch, pageShift } = layout;
  const level = arch.translation.levels.length - 1;
  const bytes = `An entry has ${arch.translation.entryBytes} ${arch.translation.entryBytes === 1 ? 'byte' : 'bytes'}`;
  const bits = entryBits(layout, level);
  const low = bits?.frameBit ?? pageShift;
  const frame = `the number of the frame in bits ${low} to ${low + arch.physicalBits - pageShift - 1}`;
  const large =
    arch.translation.largePageLevels.length > 0 ? ', of a large page only those above its size' : '';
  if (bits === undefined) return `${bytes}, with ${frame}${large}; what else it says stands beside it.`;
  const flags = [...bits.flags].sort((a, b) => a[1] - b[1]).map(([flag, bit]) => `${bit}: ${WORDS[flag]}`);
  return `${bytes}: ${frame}${large}; of the others, ${flags.join(', ')}.`;
}

/** Undefined: flags stand in several bits, or set bits mean that they do not hold. */
export function entryBits({ arch, pageShift }: Layout, level: number): EntryBits | undefined {
  const { entries } = arch;
  const write = (flags: Partial<Record<EntryFlag, boolean>>, pfn = 0): bigint =>
    entries.encode({ pfn, flags: { ...NO_FLAGS, ...flags } }, level, pageShift, 0);
  const present = write({ present: true });
  const flags = entries
    .visible(level)
    .map((flag): [EntryFlag, number | undefined] => [
      flag,
      onlyBit(flag === 'present' ? present : write({ present: true, [flag]: true }) ^ present),
    ]);
  const frameBit = onlyBit(write({ present: true }, 1) ^ present);
  const known = flags.filter((pair): pair is [EntryFlag, number] => pair[1] !== undefined);
  if (write({}) !== 0n || frameBit === undefined || known.length < flags.length) return undefined;
  return { flags: known, frameBit };
}

/** The number of the only bit that is set. */
function onlyBit(value: bigint): number | undefined {
  const isOne = value > 0n && (value & (value - 1n)) === 0n;
  return isOne ? value.toString(2).length - 1 : undefined;
}
