/**
 * Several /proc files in one: `=== LABEL` opens a moment, `--- NAME` a file of it; or `### BEGIN NAME` ... `### END`
 * around each file.
 */
import type { ProcPlace } from './text.ts';

/** A file in a text of several: its name and text, and when it was read. */
export interface ProcSection {
  /** The moment, undefined when the text has none. */
  readonly label: string | undefined;
  /** As written: `zoneinfo`, `zoneinfo_end`. */
  readonly name: string;
  readonly text: string;
  /** For the messages of a parser. */
  readonly place: Required<ProcPlace>;
}

/** The parts of a text of several files, in its order: `=== LABEL` names a moment, `--- NAME` the file that follows. */
export function procSections(text: string, file: string): ProcSection[] {
  const lines = text.split('\n');
  const sections: ProcSection[] = [];
  let label: string | undefined;
  for (let at = 0; at < lines.length; at++) {
    label = /^=== (.+)$/.exec(lines[at]!)?.[1] ?? label;
    const name = /^(?:---|### BEGIN) (\w+)$/.exec(lines[at]!)?.[1];
    if (name === undefined) continue;
    const end = endOfSection(lines, at + 1);
    const place = { file, firstLine: at + 2 };
    sections.push({ label, name, text: lines.slice(at + 1, end).join('\n'), place });
    at = end - 1;
  }
  return sections;
}

/** `ring ...` is a note that the program of the buddy experiment prints between moments. */
function endOfSection(lines: readonly string[], from: number): number {
  const end = lines.findIndex((line, at) => at >= from && /^(?:=== |--- |###|ring )/.test(line));
  return end < 0 ? lines.length : end;
}
