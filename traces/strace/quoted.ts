/** Strings as strace quotes them: `"/tmp/a\"b\303\251"`. */
import { latin1Bytes, utf8 } from '../host/index.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  v: '\v',
  f: '\f',
  '"': '"',
  '\\': '\\',
};

/** The text in the quotes, which is UTF-8; undefined for what is none, or is cut. */
export function unquoted(text: string): string | undefined {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(text)?.[1];
  if (quoted === undefined) return undefined;
  const bytes = quoted.replace(/\\(x[0-9a-f]{2}|[0-7]{1,3}|.)/gs, (_, code: string) => {
    if (code.length > 1 && code.startsWith('x'))
      return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return ESCAPES[code] ?? String.fromCharCode(Number.parseInt(code, 8) & 0xff);
  });
  return utf8(latin1Bytes(bytes));
}
