/** The line that reproduces a run. */
export function reproduceLine(command: string, args: readonly string[]): string {
  return ['vmsplit', command, ...args].map(quoted).join(' ');
}

/** As a POSIX shell wants it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
