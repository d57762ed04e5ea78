/**
 * Imports lists of addresses with what was done to them, as courses and small simulators have them, in either order:
 *
 *   0041f7a0 R         the address in hex, with 0x or without, then the operation
 *   S 1ffefffe08       the operation, then the address
 *   write 0xbefffacc 4 with a size in bytes
 *
 * Operations: R, L, LD, read, load, readd: a load; W, S, ST, write, store: a store; M, RW: both; I, X, ifetch, fetch,
 * readi: an instruction fetch. A line without a size is taken as a reference of 1 byte.
 *
 * What such a list cannot say: mappings, processes, time, and mostly sizes.
 */
import { EXECUTE, MODIFY, READ, WRITE } from '../../core/event/access-mode.ts';
import { HEX_DIGITS, NONE, tableOf } from '../text/bytes.ts';
import { evidenceOf } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import type { Importer } from './importer.ts';
import { importReferences, MAX_SIZE, onlyProcess, type ReferenceFormat } from './reference-import.ts';
import type { ReferenceLine } from './reference-line.ts';

/** No operation begins with a hex digit, so that the first byte says which of the two orders it is. */
const WORDS: Readonly<Record<string, number>> = {
  R: READ,
  L: READ,
  LD: READ,
  READ,
  READD: READ,
  LOAD: READ,
  W: WRITE,
  S: WRITE,
  ST: WRITE,
  WRITE,
  STORE: WRITE,
  M: MODIFY,
  RW: MODIFY,
  MODIFY,
  I: EXECUTE,
  X: EXECUTE,
  IFETCH: EXECUTE,
  READI: EXECUTE,
};
const BY_WORD = new Map(Object.entries(WORDS));
const BY_LETTER = tableOf(
  Object.fromEntries(
    Object.entries(WORDS).flatMap(([word, operation]) =>
      word.length === 1
        ? [
            [word, operation],
            [word.toLowerCase(), operation],
          ]
        : [],
    ),
  ),
);
const SPACE_OR_LESS = 0x20;
const HASH = 0x23;
const DEFAULT_BYTES = 1;
const COMMENT = 'comment';
const NO_SIZE = 'column behind the reference that is no size';

const format: ReferenceFormat = {
  name: 'address-list',
  example: '0041f7a0 R',
  remedy: 'Save the list alone, one address and one operation a line',
  read(line, process) {
    if (line.byte === HASH) return COMMENT;
    let operation = operationAt(line);
    const isFirst = operation !== NONE;
    if (isFirst) line.skipBlanks();
    if (!line.hex() || !line.atWordEnd()) return UNRECOGNISED.other;
    if (!isFirst) {
      line.skipBlanks();
      operation = operationAt(line);
      if (operation === NONE) return UNRECOGNISED.other;
    }
    const { high, low } = line;
    const size = line.hasMore() ? sizeAt(line) : DEFAULT_BYTES;
    if (size < 1) process.change(NO_SIZE);
    onlyProcess(process).touch(operation, high, low, Math.max(DEFAULT_BYTES, size));
    return undefined;
  },
};

/** Moves past the operation if there is one. */
function operationAt(line: ReferenceLine): number {
  const { bytes, at } = line;
  if (HEX_DIGITS[bytes[at]!]! < 16) return NONE;
  if (bytes[at + 1]! <= SPACE_OR_LESS) {
    const operation = BY_LETTER[bytes[at]!]!;
    if (operation !== NONE) line.at++;
    return operation;
  }
  const operation = BY_WORD.get(wordAt(line).toUpperCase());
  if (operation === undefined) line.at = at;
  return operation ?? NONE;
}

const LONGEST_WORD = 8;

function wordAt(line: ReferenceLine): string {
  const start = line.skipWord();
  const length = line.at - start;
  return length > LONGEST_WORD ? '' : String.fromCharCode(...line.bytes.subarray(start, line.at));
}

/** -1 for anything that is no size. */
function sizeAt(line: ReferenceLine): number {
  const size = line.decimal();
  return line.atWordEnd() && size <= MAX_SIZE ? size : -1;
}

const OPERATION = `(?:${Object.keys(WORDS).join('|')})`;
const LINE = new RegExp(
  String.raw`^\s{0,8}(?:(?:0x)?[0-9a-f]{1,16}\s{1,8}${OPERATION}|${OPERATION}\s{1,8}(?:0x)?[0-9a-f]{1,16})(?:\s|$)`,
  'i',
);

export const addressList: Importer = {
  name: format.name,
  describe: 'lists of addresses and operations, in either order, as courses and small simulators have them',
  grammar: [
    '0041f7a0 R           an address in hex, an operation (R, W, M, I and words for them)',
    'S 1ffefffe08 8       or an operation, an address, and a size in bytes: 1 where none is said',
  ],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'addresses with an operation such as "0041f7a0 R" or "S 1ffefffe08"',
      isOwn: (line) => LINE.test(line),
      isShared: (line) => line.startsWith('#'),
    }),
  import: (input, output) => importReferences(input, output, format),
};
