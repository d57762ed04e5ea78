/** A call of an allocator's function, by name, arguments and result, as valgrind and ltrace print it. */
import { Malformed } from '../base/errors.ts';
import type { HeapRecord } from './record.ts';

const PAGE_BYTES = 4096;

/** From what the call returned and its arguments; NaN for those that are not there. */
type Read = (returned: number, a: number, b: number, c: number) => HeapRecord;

const alloc: Read = (address, size) => ({ kind: 'alloc', address, size });
const allocAligned: Read = (address, alignment, size) => ({ kind: 'alloc', address, size, alignment });
const allocPages: Read = (address, size) => ({ kind: 'alloc', address, size, alignment: PAGE_BYTES });
const free: Read = (_, address) => ({ kind: 'free', address });

/** Which numbers of a call are the block and its size. */
const FUNCTIONS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['malloc', alloc],
  ['valloc', allocPages],
  ['pvalloc', allocPages],
  ['__builtin_new', alloc],
  ['__builtin_vec_new', alloc],
  ['operator new', alloc],
  ['operator new[]', alloc],
  ['calloc', (address, count, size) => ({ kind: 'alloc', address, size: count * size, clears: true })],
  ['memalign', allocAligned],
  ['aligned_alloc', allocAligned],
  ['free', free],
  ['cfree', free],
  ['__builtin_delete', free],
  ['__builtin_vec_delete', free],
  ['operator delete', free],
  ['operator delete[]', free],
  ['realloc', (address, old, size) => ({ kind: 'realloc', old, address, size })],
  ['reallocarray', (address, old, count, size) => ({ kind: 'realloc', old, address, size: count * size })],
]);

/** operator new and delete as the Itanium C++ ABI mangles them; sizes and alignments follow the block. */
function readMangled(name: string, args: string): Read | undefined {
  if (/^_Zn[aw]/.test(name)) return args.includes('al ') ? allocAligned : alloc;
  return /^_Zd[al]/.test(name) ? free : undefined;
}

/** Whether it is a function that tells where a block lies. */
export function isAllocator(name: string): boolean {
  return FUNCTIONS.has(name) || /^_Z(?:n[aw]|d[al])/.test(name);
}

/** Undefined when the function is none of an allocator that tells where the block lies. */
export function readCall(name: string, args: string, result: string | undefined): HeapRecord | undefined {
  const read = FUNCTIONS.get(name) ?? readMangled(name, args);
  if (read === undefined) return undefined;
  const words = args.match(/\b(?:0x[0-9a-f]+|\d+|nil|NULL)\b/gi) ?? [];
  const [a = Number.NaN, b = Number.NaN, c = Number.NaN] = words.slice(0, 3).map(numberIn);
  return checked(read(numberIn(result), a, b, c));
}

function numberIn(word: string | undefined): number {
  return word === undefined || /nil|NULL|void/.test(word) ? 0 : Number(word);
}

/** No allocator of Linux gives blocks in the first page, or at addresses that are no multiple of 8. */
const FIRST_ADDRESS = 4096;
const ALIGNMENT = 8;
/** More than any user space has, with five levels of page tables too. */
const END_OF_ADDRESSES = 2 ** 53;

/** Throws when the numbers cannot be those of a heap. */
function checked(record: HeapRecord): HeapRecord {
  const { address = 0, size = 0, old = 0 } = record as { address?: number; size?: number; old?: number };
  for (const place of [address, old]) {
    const isBlock = place >= FIRST_ADDRESS && place % ALIGNMENT === 0 && place < END_OF_ADDRESSES;
    if (place !== 0 && !isBlock) throw new Malformed(PLAUSIBLE);
  }
  if (!(size >= 0) || (address !== 0 && address + size >= END_OF_ADDRESSES)) throw new Malformed(PLAUSIBLE);
  return record;
}

const PLAUSIBLE =
  'the address of a block, a multiple of 8 above 4096, and a size that fits into an address space';
