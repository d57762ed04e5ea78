/**
 * Bytes as letters: 13 bits become two, where base64 has 12 in two. The alphabet is what ASCII prints, from `!` to `~`, but
 * for `<`, which begins markup. Of the last bits, six and fewer become one letter.
 */

const LETTERS = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).filter(
  (letter) => letter !== '<',
);
const BASE = LETTERS.length;
const PAIR_BITS = 13;
const LETTER_BITS = 6;

export function base93(bytes: Uint8Array): string {
  const letters: string[] = [];
  let held = 0;
  let nrHeld = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & (2 ** (PAIR_BITS + 8) - 1);
    nrHeld += 8;
    if (nrHeld < PAIR_BITS) continue;
    nrHeld -= PAIR_BITS;
    letters.push(pairOf((held >>> nrHeld) & (2 ** PAIR_BITS - 1)));
  }
  const last = held & (2 ** nrHeld - 1);
  if (nrHeld > LETTER_BITS) letters.push(pairOf(last << (PAIR_BITS - nrHeld)));
  else if (nrHeld > 0) letters.push(LETTERS[last << (LETTER_BITS - nrHeld)]!);
  return letters.join('');
}

function pairOf(value: number): string {
  return LETTERS[value % BASE]! + LETTERS[Math.floor(value / BASE)]!;
}
