/** What parsers of text as bytes have in common. */
export const NEWLINE = 0x0a;
export const CARRIAGE_RETURN = 0x0d;
export const SPACE = 0x20;
export const DIGIT_0 = 0x30;

/** In a table of bytes: not one of those that have a value. */
export const NONE = 0xff;

/** Byte to value; NONE for all others. */
export function tableOf(values: Readonly<Record<string, number>>): Uint8Array {
  const table = new Uint8Array(256).fill(NONE);
  for (const [character, value] of Object.entries(values)) table[character.charCodeAt(0)] = value;
  return table;
}

/** Byte to digit of either case, NONE for others. */
export const HEX_DIGITS = tableOf(
  Object.fromEntries([...'0123456789abcdefABCDEF'].map((digit) => [digit, Number.parseInt(digit, 16)])),
);
