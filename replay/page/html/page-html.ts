/**
 * The page as one file: program, worker and styles inside, with a policy that lets nothing else run and nothing be fetched
 * but from where the page itself came. A run, and its trace, are put in as data.
 */
import { base93 } from './base93.ts';

export interface PageParts {
  readonly program: string;
  /** The worker's, which the page starts from a blob. */
  readonly worker: string;
  readonly style: string;
  /** A text as gzip data. */
  gzip(text: string): Uint8Array;
  /** Of a text, as base64. */
  sha256(text: string): string;
}

/** What a page is to show, or where it gets it from. */
export interface PageData {
  /** JSON of a RunSpec; undefined: the page asks what to show. */
  readonly spec?: string | undefined;
  /** Texts by the names that the specification has for them. */
  readonly files: Readonly<Record<string, string>>;
  /** Of a run that replays one: served beside the page, under this address; or put into it. */
  readonly trace?: { readonly url: string; readonly byteLength: number } | { readonly bytes: Uint8Array };
}

const DATA_MARK = '<!-- data -->';

/** How every page begins, by which it is known again. */
export const PAGE_START =
  '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="generator" content="vmsplit">';

/**
 * Unpacks the program and runs it, which the policy allows by its hash; packed, a page is a fifth shorter. `unpackedText`
 * is there for the program too, which has the worker's to unpack. The numbers are those of base93.ts.
 */
const STARTER = `const unpackedText = (id) => {
  const { textContent: letters } = document.getElementById(id);
  const digitAt = (at) => letters.charCodeAt(at) - (letters.charCodeAt(at) > 60 ? 34 : 33);
  const bytes = new Uint8Array((13 * (letters.length >> 1) + 6 * (letters.length % 2)) >> 3);
  for (let from = 0, to = 0, held = 0, bits = 0; from !== letters.length; held %= 2 ** bits) {
    const isLast = from + 1 === letters.length;
    held = isLast ? held * 64 + digitAt(from++) : held * 8192 + digitAt(from++) + 93 * digitAt(from++);
    bits += isLast ? 6 : 13;
    for (; bits > 7; bytes[to++] = held >> bits) bits -= 8;
  }
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(unpacked).text();
};
unpackedText('program').then((program) => {
  const script = document.createElement('script');
  script.textContent = program;
  document.body.append(script);
  script.remove();
});`;

/** What the program does first: packed with it, styles are a quarter as long. */
function styling(style: string): string {
  return `document.head.append(Object.assign(document.createElement('style'),{textContent:${JSON.stringify(style)}}));`;
}

/** The page without a run. */
export function pageHtml({ program, worker, style, gzip, sha256 }: PageParts): string {
  const styled = styling(style) + program;
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${sha256(STARTER)}' 'sha256-${sha256(styled)}'`,
    'worker-src blob:',
    `style-src 'sha256-${sha256(style)}'`,
    "connect-src 'self'",
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    PAGE_START,
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<title>vmsplit</title>',
    '</head>',
    '<body>',
    '<div id="page"></div>',
    '<noscript>This page holds a simulator and needs JavaScript; it runs in the browser alone.</noscript>',
    `<script type="application/octet-stream" id="worker">${base93(gzip(worker))}</script>`,
    `<script type="application/octet-stream" id="program">${base93(gzip(styled))}</script>`,
    DATA_MARK,
    `<script>${STARTER}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** The policy of a page, which a server says too. */
export function policyOf(page: string): string {
  return /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(page)![1]!;
}

/** The page with what it shows, in parts: with a trace inside it may be long. */
export function* pageParts(page: string, { spec, files, trace }: PageData): Generator<string> {
  const at = page.indexOf(DATA_MARK);
  const isInside = trace !== undefined && 'bytes' in trace;
  const run = { spec, files, trace: isInside ? 'inside' : trace };
  yield page.slice(0, at);
  yield `<script type="application/json" id="run">${jsonText(run)}</script>\n`;
  if (isInside) {
    yield '<script type="application/octet-stream" id="trace">';
    yield* base64Parts(trace.bytes);
    yield '</script>';
  }
  yield page.slice(at + DATA_MARK.length);
}

/** Bytes that become one part: three of them are four letters, and each is an argument. */
const PART_BYTES = 3 * 0x4000;

function* base64Parts(bytes: Uint8Array): Generator<string> {
  for (let at = 0; at < bytes.length; at += PART_BYTES)
    yield btoa(String.fromCharCode(...bytes.subarray(at, at + PART_BYTES)));
}

/** `<` would begin markup: names from traces stay data. */
function jsonText(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
