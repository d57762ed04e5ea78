/** The line that reproduces a run, as a shell takes it: POSIX but for words that hold controls, which no line may hold. */
import { quote } from 'shlex';
import { isPrintable } from '../../../core/base/printable.ts';

export function reproduceLine(command: string, args: readonly string[]): string {
  return ['vmsplit', command, ...args].map(quotedWord).join(' ');
}

function quotedWord(word: string): string {
  return isPrintable(word) ? quote(word) : dollarQuoted(word);
}

/** `$'...'` of bash, ksh, zsh and POSIX.1-2024 (XCU 2.2.4), with all but printable ASCII as bytes. */
function dollarQuoted(word: string): string {
  const bytes = [...new TextEncoder().encode(word)].map((byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x27 || byte === 0x5c
      ? `\\${byte.toString(8).padStart(3, '0')}`
      : String.fromCharCode(byte),
  );
  return `$'${bytes.join('')}'`;
}
