/** The line that reproduces a run. */
export function reproduceLine(command, args) {
    return ['vmsplit', command, ...args].map(quoted).join(' ');
}
/** As a POSIX shell wants it. */
function quoted(word) {
    return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
//# sourceMappingURL=reproduce.js.map