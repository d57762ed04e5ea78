/** `vmsplit report`: a run as one HTML file that holds the engine: it opens from disk, and can be mailed. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { formatBytes, formatCount } from '../../index.ts';
import { reportParts } from '../../node/report-page.ts';
import { lanesText, reproduceLine, WORKLOAD_PREFIX } from '../../spec/index.ts';
import { refuseOtherPage } from '../files/default-output.ts';
import { writeResult } from '../files/result-output.ts';
import { STDIN } from '../files/trace-input.ts';
import { refuseSameFile, STDOUT } from '../files/trace-output.ts';
import { type PageArguments, type PageOfRun, pageCommand, pageOfRun, tellLost } from '../session/page-run.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface ReportArguments extends PageArguments {
  readonly output?: string;
}

/** Mail servers refuse less, browsers take their time. */
const LARGE_BYTES = 64 * 2 ** 20;

const HELP = `
The page is one file that needs no server and no network: the engine, the run with the files that it names, and the trace
are in it, under the names that they have here. Every moment is computed where it is looked at.`;

export function reportCommand(terminal: Terminal): Command {
  return pageCommand('report')
    .description('one HTML file to look at a run: its machines at every moment, in any browser, offline')
    .option(
      '-o, --output <file>',
      'the page; - is standard output (default: NAME.html, for standard input -)',
    )
    .option('--json', 'what was written, as JSON')
    .addHelpText('after', HELP)
    .action((what: string | undefined, given: ReportArguments) => report(terminal, what, given));
}

async function report(terminal: Terminal, what: string | undefined, given: ReportArguments): Promise<void> {
  const page = await pageOfRun(terminal, 'report', what, given);
  if (page === undefined) return;
  try {
    const output = await outputOf(page, given);
    const bytes = await writeResult(terminal, output, 'a page', encoded(await reportParts(page.contents)));
    tell(terminal, page, given, { output, bytes });
    tellLost(terminal, page.contents, given);
  } finally {
    await page.contents.trace?.close();
  }
}

/** A name that nobody has chosen replaces pages only. */
async function outputOf({ run: { events } }: PageOfRun, { output }: ReportArguments): Promise<string> {
  const input = 'trace' in events ? events.trace : `${WORKLOAD_PREFIX}${events.workload}`;
  if (output !== undefined) {
    if ('trace' in events) await refuseSameFile(input, output);
    return output;
  }
  if (input === STDIN) return STDOUT;
  const name = `${basename(input.replace(WORKLOAD_PREFIX, '')).replace(/(?<=.)\.vmt(\.\w{2,4})?$/, '')}.html`;
  await refuseOtherPage(name);
  return name;
}

async function* encoded(parts: Iterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const part of parts) yield encoder.encode(part);
}

function tell(
  terminal: Terminal,
  page: PageOfRun,
  { json }: ReportArguments,
  { output, bytes }: { readonly output: string; readonly bytes: number },
): void {
  const { name, events, trace, lost } = page.contents;
  const file = output === STDOUT ? '<stdout>' : output;
  const lanes = lanesText(page.run.lanes);
  const reproduce = reproduceLine('report', [...page.arguments, '-o', output]);
  const traceBytes = trace?.byteLength ?? 0;
  if (json)
    terminal.printJson({
      file,
      bytes,
      trace: name,
      events,
      traceBytes,
      lanes,
      lost: lost ?? null,
      reproduce,
    });
  else {
    const inside = trace === undefined ? 'made in the page' : `${formatBytes(traceBytes)} of trace`;
    terminal.print(
      `${file}: ${formatCount(events)} events of ${name} (${inside}) under ${lanes}, ${formatBytes(bytes)}`,
    );
    terminal.print(`reproduce: ${reproduce}`);
  }
  if (bytes > LARGE_BYTES)
    terminal.note(
      `${file} is large for mail and slow to open; here, \`vmsplit view\` reads the trace piece by piece`,
    );
}
