/**
 * The text of a boot log as people have it, back to the lines that the kernel printed: UTF-16 and quoted-printable are
 * decoded, colours, quotes of mails and entities of web pages taken away, lines that a terminal or a mailer broke joined.
 */

/** A line of the kernel; `number`: the line of the file where it begins, from 1. */
export interface LogLine {
  readonly number: number;
  readonly text: string;
}

/** `text`: bytes as Latin-1, or decoded already. */
export function logLines(text: string): LogLine[] {
  return unwrapped(plain(decoded(text)).split(/\r\n|\n|\r/));
}

function decoded(text: string): string {
  return quotedPrintable(utf16(text));
}

/** Every other byte of UTF-16 is 0 in what a kernel prints. */
function utf16(text: string): string {
  const zeros = (parity: number): number =>
    [...text.slice(0, 64)].filter((char, i) => char === '\0' && i % 2 === parity).length;
  const isCoded = /^(?:\xff\xfe|\xfe\xff)/.test(text) || zeros(0) > 16 || zeros(1) > 16;
  return isCoded ? text.replace(/^(?:\xff\xfe|\xfe\xff)/, '').replaceAll('\0', '') : text;
}

/** Only where all that looks like it is it: `vmalloc=256M` is no code of a character. */
function quotedPrintable(text: string): string {
  const isCoded = /=3D|=\r?\n/.test(text) && !/=(?![0-9A-F]{2}|[ \t]*\r?(?:\n|$))/.test(text);
  if (!isCoded) return text;
  return text
    .replace(/=[ \t]*\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

const ENTITIES: Readonly<Record<string, string>> = { gt: '>', lt: '<', amp: '&', quot: '"', nbsp: ' ' };

function plain(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences of a terminal begin with one
      .replace(/(?:\x1b|\^\[)\[[0-9;?]{0,16}[A-Za-z]/g, '')
      .replace(/&(gt|lt|amp|quot|nbsp);/g, (_, name: string) => ENTITIES[name]!)
      .replace(/^\xef\xbb\xbf|^\ufeff/, '')
      .replaceAll('\xa0', ' ')
      .replaceAll('\0', '')
  );
}

/** `[    0.000000]`, `<6>[ 0.0]`, `Apr  1 02:01:01 host kernel:`, `2026-11-29T04:00:00 ...`, behind the quotes of a mail. */
const STAMP =
  /^(?:[>|] ?)*(?:<\d{1,3}>)?\s*(?:\[ {0,8}\d{1,9}\.\d{1,9}\]|[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d |\d{4}-\d\d-\d\d[T ]\d\d:)/;

/** A terminal of more columns wraps hardly any line of a kernel. */
const MOST_COLUMNS = 132;
const LEAST_COLUMNS = 60;
const USUAL_COLUMNS: readonly number[] = [72, 76, 80, 100, 120, MOST_COLUMNS];

/** An entry of a memory map, or a command line, whose end is not on its line. */
const OPEN_ENTRY =
  /(?:BIOS-\w{1,8}|user|modified|Xen|update|remove|range): ?(?:\[?m?e?m? ?[0-9a-fx -]{0,40}\]?:? ?\(?(?:ACPI|device|System|soft|persistent)?)?$/i;
const OPEN_COMMAND = /ommand line: \S/;

function unwrapped(raw: readonly string[]): LogLine[] {
  const columns = wrapColumns(raw);
  const isStamped = hasStamps(raw);
  const lines: { number: number; text: string; lastLength: number }[] = [];
  raw.forEach((text, i) => {
    const last = lines.at(-1);
    if (last !== undefined && text.trim() !== '' && continues(last, text, isStamped, columns)) {
      last.text += last.lastLength === columns ? text : ` ${text.replace(/^(?:> ?)*\s*/, '')}`;
      last.lastLength = text.length;
    } else lines.push({ number: i + 1, text, lastLength: text.length });
  });
  return lines.map(({ number, text }) => ({ number, text }));
}

/** The width that lines were cut at: that of the longest one, if it is that of a terminal, or several are as long. */
function wrapColumns(raw: readonly string[]): number | undefined {
  const longest = raw.reduce((most, { length }) => Math.max(most, length), 0);
  if (longest > MOST_COLUMNS || longest < LEAST_COLUMNS) return undefined;
  const isUsual = USUAL_COLUMNS.includes(longest);
  return isUsual || raw.filter(({ length }) => length === longest).length > 1 ? longest : undefined;
}

/** Most lines begin with a time, so that one without is the rest of the line before it. */
function hasStamps(raw: readonly string[]): boolean {
  const filled = raw.filter((text) => text.trim() !== '');
  const stamped = filled.filter((text) => STAMP.test(text)).length;
  return stamped >= 3 && 5 * stamped >= 2 * filled.length;
}

function continues(
  last: { readonly text: string; readonly lastLength: number },
  text: string,
  isStamped: boolean,
  columns: number | undefined,
): boolean {
  const isCut = last.lastLength === columns;
  if (isStamped)
    return !STAMP.test(text) && last.lastLength >= LEAST_COLUMNS && (STAMP.test(last.text) || isCut);
  return OPEN_ENTRY.test(last.text) || (isCut && OPEN_COMMAND.test(last.text));
}
