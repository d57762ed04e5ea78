/**
 * The page as one file: program, worker and styles inside, with a policy that lets nothing else run and nothing be fetched
 * but from where the page itself came. A run, and its trace, are put in as data.
 */

export interface PageParts {
  readonly program: string;
  /** The worker's program, which the page starts from a blob: gzip data in base64. */
  readonly worker: string;
  readonly style: string;
  /** Of a text, as base64. */
  sha256(text: string): string;
}

/** What a page is to show, or where it gets it from. */
export interface PageData {
  /** JSON of a RunSpec; undefined: the page asks what to show. */
  readonly spec?: string;
  readonly files: Readonly<Record<string, string>>;
  /** Served beside the page, under this address; or put into it. */
  readonly trace?: { readonly url: string; readonly byteLength: number } | { readonly base64: string };
}

const DATA_MARK = '<!-- data -->';

/** The page without a run. */
export function pageHtml({ program, worker, style, sha256 }: PageParts): string {
  const code = scriptText(program);
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${sha256(code)}'`,
    'worker-src blob:',
    `style-src 'sha256-${sha256(style)}'`,
    "connect-src 'self'",
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<title>vmsplit</title>',
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<div id="page"></div>',
    '<noscript>This page holds a simulator and needs JavaScript; it runs in the browser alone.</noscript>',
    `<script type="application/octet-stream" id="worker">${worker}</script>`,
    DATA_MARK,
    `<script>${code}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** The page with what it shows. */
export function pageWith(page: string, { spec, files, trace }: PageData): string {
  const isInside = trace !== undefined && 'base64' in trace;
  const run = { spec, files, ...(trace !== undefined && { trace: isInside ? 'inside' : trace }) };
  const blocks = [
    `<script type="application/json" id="run">${jsonText(run)}</script>`,
    ...(isInside ? [`<script type="application/octet-stream" id="trace">${trace.base64}</script>`] : []),
  ];
  return page.replace(DATA_MARK, () => blocks.join('\n'));
}

/** `<` would begin markup: names from traces stay data. */
function jsonText(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** In a script, only its own end and the start of a comment are markup; programs have them in strings and patterns alone. */
function scriptText(text: string): string {
  return text.replace(/<(?=\/script|!--)/gi, '\\x3c');
}
