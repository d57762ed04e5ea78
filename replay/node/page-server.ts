/**
 * The page over HTTP, on this machine alone. Two addresses, and nothing that a request says becomes a name of a file; Host
 * and Origin have to be those of the page, so that no other site that is open in the browser gets at it, be it by a name
 * that it lets point here (DNS rebinding).
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UsageError } from '../../core/index.ts';
import { pageParts, policyOf } from '../page/html/page-html.ts';
import type { PageContents } from '../page/html/page-run.ts';
import { pageFile } from './page-file.ts';
import { type Representation, sendBytes, sendText } from './representation.ts';

export interface PageServer {
  readonly url: string;
  /** Ends it, whoever is being served. */
  close(): Promise<void>;
}

export interface PageServerOptions {
  /** By default any that is free. */
  readonly port?: number | undefined;
  /**
   * Whether the address has a part that nobody can guess, since other users of the machine reach it too; by default
   * unless a port is given, for who gives one wants the same address each time.
   */
  readonly secret?: boolean;
}

const LOOPBACK = '127.0.0.1';
const TRACE = 'trace';

/** Serves a run, or a page that asks what to show. UsageError: the port cannot be had. */
export async function servePage(
  contents: PageContents | undefined,
  { port = 0, secret = port === 0 }: PageServerOptions = {},
): Promise<PageServer> {
  const page = await pageFile();
  const base = secret ? `/${randomBytes(16).toString('base64url')}/` : '/';
  const routes = routesOf(page, contents, base);
  const server = createServer((request, response) => void answer(server, routes, request, response));
  server.listen(port, LOOPBACK);
  await once(server, 'listening').catch((error: unknown) => {
    throw portFault(error as NodeJS.ErrnoException, port);
  });
  return {
    url: `http://${LOOPBACK}:${portOf(server)}${base}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

type Routes = ReadonlyMap<string, Representation>;

function routesOf(page: string, contents: PageContents | undefined, base: string): Routes {
  const { spec, files = {}, trace } = contents ?? {};
  const at = trace && { trace: { url: TRACE, byteLength: trace.byteLength } };
  const html = Buffer.from([...pageParts(page, { spec, files, ...at })].join(''));
  // A policy within a page cannot say who may frame it.
  const policy = `${policyOf(page)}; frame-ancestors 'none'`;
  const headers = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy };
  const routes: [string, Representation][] = [[base, { bytes: html, headers }]];
  if (trace !== undefined)
    routes.push([base + TRACE, { source: trace, headers: { 'Content-Type': 'application/octet-stream' } }]);
  return new Map(routes);
}

/** What every answer says. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

async function answer(
  server: Server,
  routes: Routes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  const { method, url = '' } = request;
  const found = routes.get(url);
  const isHere = isOfPage(request, portOf(server));
  if (!isHere)
    sendText(
      response,
      403,
      'This server answers its own page only, at the address that `vmsplit view` told.',
    );
  else if (found === undefined)
    sendText(response, 404, 'Nothing is here: the page is at the address that `vmsplit view` told.');
  else if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    sendText(response, 405, `Found ${method}, expected GET or HEAD: this server only shows.`);
  } else await sendBytes(request, response, found);
}

/** Whether it is asked by the name of this machine, and by no page from elsewhere. */
function isOfPage({ headers: { host = '', origin } }: IncomingMessage, port: number): boolean {
  const hosts = [LOOPBACK, 'localhost'].flatMap((name) =>
    port === 80 ? [name, `${name}:80`] : [`${name}:${port}`],
  );
  return hosts.includes(host) && (origin === undefined || hosts.some((name) => origin === `http://${name}`));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

const PORT_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use, expected a free one',
  EACCES: 'may not be used, expected one from 1024 on',
};

function portFault(error: NodeJS.ErrnoException, port: number): UsageError {
  const fault = PORT_FAULTS[error.code ?? ''] ?? `cannot be used (${error.message})`;
  const remedy = 'Choose another, or leave it out for any that is free';
  return new UsageError(`port ${port}: ${fault}. ${remedy}`, { cause: error });
}
