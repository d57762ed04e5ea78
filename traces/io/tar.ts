/** A tar archive (POSIX.1-2017, pax, "ustar Interchange Format"), plain or gzipped, with regular files only. */
import { latin1 } from '../host/index.ts';
import { gunzipped } from './unpack.ts';

export interface TarEntry {
  readonly name: string;
  readonly content: Uint8Array;
}

const BLOCK = 512;
const MAGIC = { at: 257, text: 'ustar' };
/** Of what an archive may unpack to. */
const MOST_BYTES = 0x1000_0000;

/** First bytes that tell an archive, also where it is packed. */
export const TAR_HEAD_BYTES = 4096;

/** Whether what begins so is an archive, plain or gzipped. */
export async function isTarHead(first: Uint8Array): Promise<boolean> {
  const { bytes } = await gunzipped(first.subarray(0, TAR_HEAD_BYTES), BLOCK);
  return hasMagic(bytes);
}

/** Undefined: it is no archive. One that is cut off gives what is whole. */
export async function tarEntries(bytes: Uint8Array): Promise<TarEntry[] | undefined> {
  const { bytes: plain, end } = await gunzipped(bytes, MOST_BYTES);
  if (end !== 'whole' || !hasMagic(plain)) return undefined; // whoever reads it as text says what is wrong
  return entriesOf(plain);
}

function hasMagic(bytes: Uint8Array): boolean {
  return textAt(bytes, MAGIC.at, MAGIC.text.length) === MAGIC.text;
}

function entriesOf(plain: Uint8Array): TarEntry[] {
  const entries: TarEntry[] = [];
  for (let at = 0; at + BLOCK <= plain.length && plain[at] !== 0; ) {
    const size = Number.parseInt(textAt(plain, at + 124, 12), 8);
    const end = at + BLOCK + size;
    if (!Number.isSafeInteger(size) || end > plain.length) break;
    const type = textAt(plain, at + 156, 1);
    if (type === '0' || type === '')
      entries.push({ name: nameAt(plain, at), content: plain.subarray(at + BLOCK, end) });
    at = BLOCK * Math.ceil(end / BLOCK);
  }
  return entries;
}

function nameAt(bytes: Uint8Array, at: number): string {
  const prefix = textAt(bytes, at + 345, 155);
  const name = textAt(bytes, at, 100);
  return (prefix === '' ? name : `${prefix}/${name}`).replace(/^\.\//, '');
}

/** Up to the first NUL. */
function textAt(bytes: Uint8Array, at: number, length: number): string {
  const text = latin1(bytes.subarray(at, at + length));
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
