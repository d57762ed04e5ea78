/**
 * Bytes as letters: four become five, where base64 makes three four. The alphabet is that of Ascii85 (btoa, Adobe), from `!`
 * to `u`, but for `<`, which begins markup, and is `~` here. Of the last group, n bytes are n + 1 letters.
 */

const LETTERS = Array.from({ length: 85 }, (_, digit) => String.fromCharCode(33 + digit)).map((letter) =>
  letter === '<' ? '~' : letter,
);

export function base85(bytes: Uint8Array): string {
  const groups: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const group = [0, 1, 2, 3].reduce((value, i) => value * 256 + (bytes[at + i] ?? 0), 0);
    groups.push(lettersOf(group).slice(0, Math.min(4, bytes.length - at) + 1));
  }
  return groups.join('');
}

function lettersOf(group: number): string {
  return [85 ** 4, 85 ** 3, 85 ** 2, 85, 1]
    .map((weight) => LETTERS[Math.floor(group / weight) % 85]!)
    .join('');
}
