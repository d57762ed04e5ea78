/**
 * The arguments of a call as strace prints them, between the parentheses. A comma separates them, but not within
 * strings, braces, brackets, comments, or what -y says of a descriptor: `3</tmp/a, b>`, `4<TCP:[1.2.3.4:5->6.7.8.9:80]>`.
 * One pass over the characters; what is not closed ends with the text.
 */

export interface Argument {
  /** `flags` of `flags=SIGCHLD`: what strace names in clone and structures, and everywhere with -N. */
  readonly name: string | undefined;
  /** Less its name (-N) and comments: `0x3`, `PROT_READ|PROT_WRITE`, `{...}`. */
  readonly text: string;
  /** What strace says of it in a comment: `PROT_READ|PROT_WRITE` (-X verbose). */
  readonly comment: string | undefined;
}

interface ArgumentList {
  readonly args: readonly Argument[];
  /** Behind the closing parenthesis. */
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const LESS = 0x3c;
const GREATER = 0x3e;
const MINUS = 0x2d;
const SLASH = 0x2f;
const STAR = 0x2a;
const OPENING = new Set([0x28, 0x5b, 0x7b]);
const CLOSING = new Set([0x29, 0x5d, 0x7d]);
/** By character: 1 for those that mean something here. */
const IS_MARK = Uint8Array.from({ length: 256 }, (_, code) =>
  Number(OPENING.has(code) || CLOSING.has(code) || [QUOTE, COMMA, LESS, SLASH].includes(code)),
);
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const NAME = /^([a-z_][a-z0-9_]{0,40})=/;

/** @param start behind the opening parenthesis; undefined when it is never closed */
export function readArguments(text: string, start: number): ArgumentList | undefined {
  const args: Argument[] = [];
  let depth = 0;
  let begin = start;
  let hasAngles = true;
  let comment: readonly [start: number, end: number] | undefined;
  const take = (end: number): void => {
    if (end > begin || args.length > 0) args.push(argumentOf(text, begin, end, comment));
    begin = end + 1;
    comment = undefined;
  };
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (IS_MARK[code] !== 1) continue;
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === LESS && hasAngles && isOfDescriptor(text, at)) {
      const end = endOfAngle(text, at);
      // one that is never closed: the others would be looked for in vain, each to the end of the text
      hasAngles = end !== undefined;
      at = end ?? at;
    } else if (code === SLASH && text.charCodeAt(at + 1) === STAR) {
      const end = text.indexOf('*/', at + 2);
      if (end < 0) return undefined;
      if (depth === 0) comment ??= [at, end + 2];
      at = end + 1;
    } else if (code === COMMA && depth === 0) take(at);
    else if (OPENING.has(code)) depth++;
    else if (CLOSING.has(code) && depth-- === 0) {
      take(at);
      return { args, end: at + 1 };
    }
  }
  return undefined;
}

function argumentOf(
  text: string,
  start: number,
  end: number,
  comment: readonly [start: number, end: number] | undefined,
): Argument {
  if (comment === undefined) return withoutName(text.slice(start, end).trim(), undefined);
  const [from, to] = comment;
  const whole = `${text.slice(start, from)}${text.slice(to, end)}`.trim();
  return withoutName(whole, text.slice(from + 2, to - 2).trim());
}

function withoutName(text: string, comment: string | undefined): Argument {
  const name = text.includes('=') ? NAME.exec(text)?.[1] : undefined;
  return { name, text: name === undefined ? text : text.slice(name.length + 1), comment };
}

/** `{addr=NULL, length=4096}` as its fields. */
export function readFields(text: string): readonly Argument[] {
  return readArguments(text, 1)?.args ?? [];
}

/** Where the string that begins here ends, or the text does. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at;
  }
  return text.length;
}

/** `3<`, but not `21<<MAP_HUGE_SHIFT`. */
function isOfDescriptor(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return before >= 0x30 && before <= 0x5a && text.charCodeAt(at + 1) !== LESS;
}

/** Where `</dev/tty<char 5:0>>` or `<TCP:[a->b]>` ends. */
function endOfAngle(text: string, start: number): number | undefined {
  let depth = 0;
  let brackets = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === OPENING_BRACKET) brackets++;
    else if (code === CLOSING_BRACKET) brackets--;
    else if (code === LESS) depth++;
    else if (code === GREATER && !(brackets > 0 && text.charCodeAt(at - 1) === MINUS) && --depth === 0)
      return at;
  }
  return undefined;
}
