/** Reads one line of a trace of references from left to right; nothing in it reads past the end of the line. */
import { latin1 } from '../host/index.ts';
import { CARRIAGE_RETURN, DIGIT_0, HEX_DIGITS, NEWLINE, SPACE } from '../text/bytes.ts';

const LETTER_X = 0x78;
const TAB = 0x09;
const MAX_ADDRESS_DIGITS = 16;
/** More digits no size has. */
const MAX_SIZE_DIGITS = 9;

/** `bytes` end with a newline. */
export class ReferenceLine {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  /** What `hex` read, as two halves of 32 bits. */
  high = 0;
  low = 0;

  /** The byte at which the next read begins. */
  get byte(): number {
    return this.bytes[this.at]!;
  }

  skipBlanks(): void {
    const { bytes } = this;
    let at = this.at;
    while (bytes[at] === SPACE || bytes[at] === TAB) at++;
    this.at = at;
  }

  /** Moves past this byte if it is here. */
  skip(byte: number): boolean {
    if (this.bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  /** Moves past blanks, to a byte that is none; whether there is one before the end of the line. */
  hasMore(): boolean {
    this.skipBlanks();
    const { byte } = this;
    return byte !== NEWLINE && byte !== CARRIAGE_RETURN;
  }

  /** 1 to 16 hex digits, `0x` before them or not; false if there are none, or more. */
  hex(): boolean {
    const { bytes } = this;
    let at = this.at;
    if (bytes[at] === DIGIT_0 && (bytes[at + 1]! | 0x20) === LETTER_X) at += 2;
    const start = at;
    let high = 0;
    let low = 0;
    for (let digit = HEX_DIGITS[bytes[at]!]!; digit < 16; digit = HEX_DIGITS[bytes[++at]!]!) {
      high = (high << 4) | (low >>> 28);
      low = (low << 4) | digit;
    }
    this.high = high;
    this.low = low;
    this.at = at;
    return at > start && at - start <= MAX_ADDRESS_DIGITS;
  }

  /** Decimal digits, of which there are not many; -1 if there are none. */
  decimal(): number {
    const { bytes, at: start } = this;
    let value = 0;
    let at = start;
    for (let digit = bytes[at]! - DIGIT_0; digit >= 0 && digit <= 9; digit = bytes[++at]! - DIGIT_0) {
      value = value * 10 + digit;
    }
    this.at = at;
    return at === start || at - start > MAX_SIZE_DIGITS ? -1 : value;
  }

  /** Whether a word ends here. */
  atWordEnd(): boolean {
    return this.byte <= SPACE;
  }

  /** Moves to the end of the word, and returns where it began. */
  skipWord(): number {
    const { bytes, at: start } = this;
    let at = start;
    while (bytes[at]! > SPACE) at++;
    this.at = at;
    return start;
  }

  /** The line around here, without its end. */
  text(start: number): string {
    const text = latin1(this.bytes.subarray(start, this.bytes.indexOf(NEWLINE, start)));
    return text.endsWith('\r') ? text.slice(0, -1) : text;
  }
}
