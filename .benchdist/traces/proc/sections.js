export function procSections(text, file) {
    const lines = text.split('\n');
    const sections = [];
    let label;
    for (let at = 0; at < lines.length; at++) {
        label = /^=== (.+)$/.exec(lines[at])?.[1] ?? label;
        const name = /^(?:---|### BEGIN) (\w+)$/.exec(lines[at])?.[1];
        if (name === undefined)
            continue;
        const end = endOfSection(lines, at + 1);
        const place = { file, firstLine: at + 2 };
        sections.push({ label, name, text: lines.slice(at + 1, end).join('\n'), place });
        at = end - 1;
    }
    return sections;
}
/** `ring ...` is a note that the program of the buddy experiment prints between moments. */
function endOfSection(lines, from) {
    const end = lines.findIndex((line, at) => at >= from && /^(?:=== |--- |###|ring )/.test(line));
    return end < 0 ? lines.length : end;
}
//# sourceMappingURL=sections.js.map