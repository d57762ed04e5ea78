/** Text in lines no longer than a terminal is wide, broken between words only. Escape codes of colours take no room. */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** How wide tables become where no terminal says how wide it is: in pipes and files. Prose is not broken there. */
export const PIPED_WIDTH = 120;

/** Columns that the longest line of a text takes. */
export function widthOf(text: string): number {
  return Math.max(...text.split('\n').map((line) => stringWidth(line)));
}

/** Columns that the longest word of a text takes: what it cannot be made narrower than. */
export function longestWord(text: string): number {
  return Math.max(
    ...glued(text)
      .split(/[ \n]+/)
      .map((word) => stringWidth(word)),
  );
}

/** `text` behind `prefix`; what does not fit goes below, `indent` columns from the left. `width` undefined: as it is. */
export function hanging(prefix: string, text: string, indent: number, width: number | undefined): string {
  if (width === undefined) return prefix + text;
  const taken = Math.max(0, stringWidth(prefix) - indent);
  const lines = broken('x'.repeat(taken) + glued(text), width - indent).slice(taken);
  return prefix + lines.replaceAll('\n', `\n${' '.repeat(indent)}`).replaceAll(NO_BREAK, ' ');
}

/** Lines of at most `width` columns. */
export function wrapped(text: string, width: number): string {
  return broken(glued(text), width).replaceAll(NO_BREAK, ' ');
}

const NO_BREAK = '\u00a0';
const UNIT = /(?<=\d) (?=(?:[KMGTPE]?i?B|[nµm]?s|%)(?![\w-]))/g;

/** A figure stays beside its unit. */
function glued(text: string): string {
  return text.replace(UNIT, NO_BREAK);
}

function broken(text: string, width: number): string {
  return wrapAnsi(text, Math.max(1, width));
}
