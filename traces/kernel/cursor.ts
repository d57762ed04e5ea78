/** Reads one line of a kernel trace from left to right, strictly: what is not as expected throws Malformed. */
import { Malformed } from '../base/errors.ts';
import { latin1 } from '../host/index.ts';
import { DIGIT_0, HEX_DIGITS, NEWLINE, SPACE } from '../text/bytes.ts';

const CLOSING_PARENTHESIS = 0x29;
const OPENING_PARENTHESIS = 0x28;
const LETTER_X = 0x78;
const MAX_HEX_DIGITS = 16;
/** More digits than this may not fit in a 32-bit integer, in which the loops count. */
const MAX_INT32_DIGITS = 9;
const TWO_TO_32 = 2 ** 32;

/** `bytes` end with a newline, so that loops over digits or words end by themselves. */
export class LineCursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;

  /** Moves past exactly these bytes. */
  key(key: Uint8Array): void {
    if (!this.optionalKey(key)) throw new Malformed(`'${latin1(key).trim()}'`);
  }

  /** Moves past these bytes if they are here. */
  optionalKey(key: Uint8Array): boolean {
    const { bytes, at } = this;
    for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return false;
    this.at = at + key.length;
    return true;
  }

  /** Moves to where these bytes begin, later in the line. */
  seek(key: Uint8Array): void {
    const { bytes } = this;
    const first = key[0];
    let at = this.at;
    for (; bytes[at] !== NEWLINE; at++) {
      if (bytes[at] === first && startsWith(bytes, at, key)) break;
    }
    if (bytes[at] === NEWLINE) throw new Malformed(`'${latin1(key).trim()}'`);
    this.at = at;
  }

  skipSpaces(): void {
    const { bytes } = this;
    let at = this.at;
    while (bytes[at] === SPACE) at++;
    this.at = at;
  }

  /** Moves to the end of the word, and returns where that is. */
  skipWord(): number {
    const { bytes } = this;
    let at = this.at;
    while (bytes[at]! > SPACE) at++;
    this.at = at;
    return at;
  }

  isDigit(): boolean {
    const digit = this.bytes[this.at]! - DIGIT_0;
    return digit >= 0 && digit <= 9;
  }

  /** A decimal number; of one above 2^53 the low 53 bits, as with `hex`. */
  decimal(): number {
    const { bytes, at: start } = this;
    let value = 0;
    let at = start;
    for (let digit = bytes[at]! - DIGIT_0; digit >= 0 && digit <= 9; digit = bytes[++at]! - DIGIT_0) {
      value = (value * 10 + digit) | 0;
    }
    this.at = at;
    if (at === start) throw new Malformed('a decimal number');
    return at - start <= MAX_INT32_DIGITS ? value : low53(bytes.subarray(start, at));
  }

  /** Hex digits; of a number above 2^53 the low 53 bits, which tell any two kernel addresses apart. */
  hex(): number {
    const { bytes, at: start } = this;
    let high = 0;
    let low = 0;
    let at = start;
    for (let digit = HEX_DIGITS[bytes[at]!]!; digit < 16; digit = HEX_DIGITS[bytes[++at]!]!) {
      high = (high << 4) | (low >>> 28);
      low = (low << 4) | digit;
    }
    this.at = at;
    if (at === start || at - start > MAX_HEX_DIGITS) throw new Malformed('1 to 16 hex digits');
    return (high & 0x1f_ffff) * TWO_TO_32 + (low >>> 0);
  }

  /** `0x` and hex digits, or a decimal number. */
  number(): number {
    return this.prefix() ? this.hex() : this.decimal();
  }

  /** A pointer in any form: `ffff888100bfec48`, `0xffff888100bfec48`, `(nil)`, `(null)`. */
  pointer(): number {
    if (this.bytes[this.at] === OPENING_PARENTHESIS) return this.nil();
    this.prefix();
    return this.hex();
  }

  private nil(): number {
    const end = this.skipWord();
    if (this.bytes[end - 1] !== CLOSING_PARENTHESIS) throw new Malformed('a pointer');
    return 0;
  }

  private prefix(): boolean {
    const { bytes, at } = this;
    if (bytes[at] !== DIGIT_0 || bytes[at + 1] !== LETTER_X) return false;
    this.at = at + 2;
    return true;
  }
}

function startsWith(bytes: Uint8Array, at: number, key: Uint8Array): boolean {
  for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return false;
  return true;
}

function low53(digits: Uint8Array): number {
  return Number(BigInt.asUintN(53, BigInt(latin1(digits))));
}
