/**
 * The lines of a lackey trace: those that are references become access events, here; all others are handed on.
 * This is the hot loop of the import, and so parses bytes.
 */
import { EXECUTE, MODIFY, READ, WRITE } from '../../core/event/access-mode.ts';
import type { BatchBuilder } from '../../core/event/batch.ts';
import { latin1 } from '../host/index.ts';
import { DIGIT_0, HEX_DIGITS, NEWLINE, NONE, SPACE, tableOf } from '../text/bytes.ts';
import { EVENTS_PER_REFERENCE, References } from './references.ts';

/** MAX_DSIZE of lackey/lk_main.c, which asserts it of every access. */
export const MAX_ACCESS_BYTES = 512;
export const MAX_ADDRESS_DIGITS = 16;

const COMMA = 0x2c;

const OPERATIONS = tableOf({ I: EXECUTE, L: READ, S: WRITE, M: MODIFY });
/** The whole grammar, for lines in other forms than lackey's own. */
const REFERENCE = /^\s?([ILSM])\s+([0-9a-fA-F]{1,16}),(\d+)$/;

export class LackeyLines {
  readonly references: References;
  private readonly builder: BatchBuilder;
  private readonly onOtherLine: (line: string) => void;

  constructor(builder: BatchBuilder, onOtherLine: (line: string) => void) {
    this.builder = builder;
    this.references = new References(builder);
    this.onOtherLine = onOtherLine;
  }

  get full(): boolean {
    return this.builder.length > this.builder.capacity - EVENTS_PER_REFERENCE;
  }

  /**
   * Parses lines from `at` on until `end`, or until the batch is full; returns where the next line begins.
   * Made for lines as lackey writes them: three columns for the operation, 8 digits or more.
   */
  parse(bytes: Uint8Array, at: number, end: number): number {
    const { builder, references } = this;
    const full = builder.capacity - EVENTS_PER_REFERENCE;
    while (at < end && builder.length <= full) {
      // operation: a letter in the first or second column, spaces in the other two
      const letter = bytes[at] === SPACE ? bytes[at + 1]! : bytes[at]!;
      const operation = OPERATIONS[letter]!;
      const isReference =
        operation !== NONE && bytes[at + 2] === SPACE && (bytes[at] === SPACE || bytes[at + 1] === SPACE);

      // address, as two halves of 32 bits
      const digit0 = HEX_DIGITS[bytes[at + 3]!]!;
      const digit1 = HEX_DIGITS[bytes[at + 4]!]!;
      const digit2 = HEX_DIGITS[bytes[at + 5]!]!;
      const digit3 = HEX_DIGITS[bytes[at + 6]!]!;
      const digit4 = HEX_DIGITS[bytes[at + 7]!]!;
      const digit5 = HEX_DIGITS[bytes[at + 8]!]!;
      const digit6 = HEX_DIGITS[bytes[at + 9]!]!;
      const digit7 = HEX_DIGITS[bytes[at + 10]!]!;
      const areDigits = (digit0 | digit1 | digit2 | digit3 | digit4 | digit5 | digit6 | digit7) < 16;
      let low =
        (digit0 << 28) |
        (digit1 << 24) |
        (digit2 << 20) |
        (digit3 << 16) |
        (digit4 << 12) |
        (digit5 << 8) |
        (digit6 << 4) |
        digit7;
      let high = 0;
      let comma = at + 11;
      for (let digit = HEX_DIGITS[bytes[comma]!]!; digit < 16; digit = HEX_DIGITS[bytes[++comma]!]!) {
        high = (high << 4) | (low >>> 28);
        low = (low << 4) | digit;
      }

      // size
      let size = 0;
      let last = comma + 1;
      for (let digit = bytes[last]! - DIGIT_0; digit >= 0 && digit <= 9; digit = bytes[++last]! - DIGIT_0) {
        size = size * 10 + digit;
      }

      const isAddress = areDigits && bytes[comma] === COMMA && comma - at <= 3 + MAX_ADDRESS_DIGITS;
      const isSize = isAccessSize(size) && bytes[last] === NEWLINE;
      if (isReference && isAddress && isSize) {
        references.touch(operation, high, low, size);
        at = last + 1;
      } else {
        at = this.rareLine(bytes, at);
      }
    }
    return at;
  }

  /** A reference in another form, or none at all; returns where the next line begins. */
  private rareLine(bytes: Uint8Array, start: number): number {
    const end = bytes.indexOf(NEWLINE, start);
    const line = latin1(bytes.subarray(start, end)).replace(/\r$/, '');
    const [, letter, address, size] = REFERENCE.exec(line) ?? [];
    if (letter !== undefined && isAccessSize(Number(size))) {
      const digits = address!.padStart(MAX_ADDRESS_DIGITS, '0');
      const [high, low] = [digits.slice(0, 8), digits.slice(8)].map((half) => Number.parseInt(half, 16) | 0);
      this.references.touch(OPERATIONS[letter.charCodeAt(0)]!, high!, low!, Number(size));
    } else {
      this.onOtherLine(line);
    }
    return end + 1;
  }
}

function isAccessSize(size: number): boolean {
  return size > 0 && size <= MAX_ACCESS_BYTES;
}
