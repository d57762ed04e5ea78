/** Strings of any code points, halves of pairs too: fast-check's own unit of them takes a second to be made. */
import fc from 'fast-check';

export const anyText = fc.string({ unit: fc.nat(0x10ffff).map((code) => String.fromCodePoint(code)) });
