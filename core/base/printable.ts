/**
 * Text of others (names in files, arguments, lines of traces) as it may stand on a terminal: what a terminal would obey,
 * or what would show it in another order than it is, becomes `\u001b` and the like, which is JSON's way of writing it too.
 */

/** As in Unicode 15, with UAX #9's directional formatting characters; the line separators end lines in some viewers. */
const CONTROLS = '\\u0000-\\u001f\\u007f-\\u009f';
const DIRECTIONS = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';
const LINE_ENDS = '\\u2028\\u2029';

const UNPRINTABLE = new RegExp(`[${CONTROLS}${DIRECTIONS}${LINE_ENDS}]`, 'g');
/** The same but for tabs and the ends of lines, which are ours. */
const UNPRINTABLE_IN_LINES = new RegExp(`(?![\\t\\n])[${CONTROLS}${DIRECTIONS}${LINE_ENDS}]`, 'g');
/** Colours and weights (SGR, ECMA-48 8.3.117) without the concealing ones, as the colour library writes them. */
const STYLE = '\\u001b\\[(?:[0-7]|2[1-7]|[349]\\d|10[0-7])m';
const STYLE_OR_UNPRINTABLE = new RegExp(`${STYLE}|${UNPRINTABLE_IN_LINES.source}`, 'g');

/** A name, or anything else that is one line. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** Whole lines of output. `styled`: they may have colours. */
export function printableLines(text: string, { styled = false } = {}): string {
  if (!styled) return text.replace(UNPRINTABLE_IN_LINES, escaped);
  return text.replace(STYLE_OR_UNPRINTABLE, (found) => (found.length > 1 ? found : escaped(found)));
}

/** Whether a name needs no escapes. */
export function isPrintable(text: string): boolean {
  return text.search(UNPRINTABLE) < 0;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
