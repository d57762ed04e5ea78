/** `vmsplit view`: the page with a run, served on this machine and opened in its browser, until Ctrl-C. */
import { once } from 'node:events';
import type { Command } from 'commander';
import { UsageError } from '../../../core/index.ts';
import { openBrowser } from '../../node/open-browser.ts';
import { type PageServer, servePage } from '../../node/page-server.ts';
import { lanesText, reproduceLine } from '../../spec/index.ts';
import { wholeNumber } from '../options/values.ts';
import { type PageArguments, type PageOfRun, pageCommand, pageOfRun, tellLost } from '../session/page-run.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface ViewArguments extends PageArguments {
  readonly port?: number;
  readonly open: boolean;
}

const MOST_PORT = 0xffff;

const HELP = `
Without events the page asks what to show: a workload, a worked example, a file that is dropped on it. It is served on
127.0.0.1 alone, and a trace is read piece by piece, whatever its size. The address has a part that nobody can guess, for
other users of this machine reach it too; with --port there is none, and the address is the same each time. The browser
is opened from a terminal only.`;

export function viewCommand(terminal: Terminal): Command {
  return pageCommand('view')
    .description(
      'look at a run in the browser: its machines at every moment, served on this machine until Ctrl-C',
    )
    .option('--port <n>', 'where it is served (default: a port that is free)', wholeNumber(1, MOST_PORT))
    .option('--no-open', 'tell the address, and open no browser')
    .option('--json', 'where it is served, as JSON')
    .addHelpText('after', HELP)
    .action((what: string | undefined, given: ViewArguments) => view(terminal, what, given));
}

async function view(terminal: Terminal, what: string | undefined, given: ViewArguments): Promise<void> {
  const page = await pageToView(terminal, what, given);
  if (page === undefined && given.printSpec) return;
  const server = await servePage(page?.contents, { port: given.port });
  try {
    tell(terminal, page, server, given);
    if (given.open && terminal.isInteractive) openBrowser(server.url, terminal.env);
    await interrupted(terminal.signal);
  } finally {
    await server.close();
    await page?.contents.trace?.close();
  }
}

/** Undefined: the page is to ask. */
async function pageToView(
  terminal: Terminal,
  what: string | undefined,
  given: ViewArguments,
): Promise<PageOfRun | undefined> {
  if (what !== undefined || given.spec !== undefined) return pageOfRun(terminal, 'view', what, given);
  const { json: _, port: _port, open: _open, ...run } = given;
  const [option] = Object.keys(run);
  if (option === undefined) return undefined;
  throw new UsageError(
    'view: found options of a run and no events, expected a trace, -, workload:NAME, or no such options',
  );
}

function tell(
  terminal: Terminal,
  page: PageOfRun | undefined,
  { url }: PageServer,
  given: ViewArguments,
): void {
  const port = given.port === undefined ? [] : ['--port', String(given.port)];
  const reproduce = reproduceLine('view', [
    ...(page?.arguments ?? []),
    ...port,
    ...(given.open ? [] : ['--no-open']),
  ]);
  const { name = null, events = null, lost = null } = page?.contents ?? {};
  const lanes = page === undefined ? null : lanesText(page.run.lanes);
  if (given.json) terminal.printJson({ url, trace: name, events, lanes, lost, reproduce });
  else {
    terminal.print(page === undefined ? url : `${url}: ${name} under ${lanes}`);
    terminal.print(`reproduce: ${reproduce}`);
    terminal.note('Ctrl-C ends it');
  }
  if (page !== undefined) tellLost(terminal, page.contents, given);
}

/** Throws when somebody presses Ctrl-C, and until then does nothing. */
async function interrupted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
  signal.throwIfAborted();
}
