/** `vmsplit import`: another tool's trace to a trace of ours. */
import { basename } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../../../core/index.ts';
import {
  checkImporter,
  IMPORTERS,
  type ImportedTrace,
  type Importer,
  importTrace,
} from '../../../traces/index.ts';
import { formatBytes, formatCount } from '../../index.ts';
import { reproduceLine } from '../../spec/index.ts';
import { hanging } from '../../text/wrap.ts';
import { openImport } from '../files/capture-input.ts';
import { digesting, refuseOtherImport } from '../files/default-output.ts';
import { readSnapshot } from '../files/snapshot-input.ts';
import { STDIN } from '../files/trace-input.ts';
import { refuseSameFile, STDOUT, type Written, writeTrace } from '../files/trace-output.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { TOOL, VERSION } from '../terminal/version.ts';

interface ImportArguments {
  readonly output?: string;
  readonly format?: string;
  readonly snapshot?: string;
  readonly list?: true;
  readonly json?: true;
}

export function importCommand(terminal: Terminal): Command {
  return new Command('import')
    .description("turn another tool's trace, gzipped or not, into a trace")
    .argument(
      '[file]',
      'the trace to import, or a folder or tar with one and the /proc files beside it (`vmsplit capture`); - is standard input',
    )
    .option(
      '-o, --output <file>',
      'the new trace; - is standard output (default: NAME.vmt, for standard input -)',
    )
    .option('--format <name>', 'its format, see --list (default: found by its first bytes)')
    .option(
      '--snapshot <path>',
      'the /proc files of the recorded kernel at the start (zoneinfo, buddyinfo, pagetypeinfo, slabinfo): a folder, or one file with all',
    )
    .option('--list', 'list the formats')
    .option('--json', 'the result as JSON')
    .action(async (file: string | undefined, given: ImportArguments) => {
      if (given.list) return listFormats(terminal, given);
      if (file === undefined)
        throw new UsageError('import: expected the name of a file, or - for standard input');
      await importFile(terminal, file, given);
    });
}

async function importFile(terminal: Terminal, file: string, given: ImportArguments): Promise<void> {
  const { format, snapshot, output = file === STDIN ? STDOUT : `${stem(file)}.vmt` } = given;
  if (format !== undefined) checkImporter(format);
  await refuseSameFile(file, output);
  if (given.output === undefined) await refuseOtherImport(file, output);
  const imported = await importTo(terminal, file, output, given);
  const args = [file, '-o', output, ...optionArguments({ format, snapshot })];
  reportImport(terminal, imported, reproduceLine('import', args), given);
  if (!imported.written.complete) terminal.signal.throwIfAborted();
}

export interface Imported {
  readonly written: Written;
  /** Undefined when it was interrupted. */
  readonly result: ImportedTrace | undefined;
}

export async function importTo(
  terminal: Terminal,
  file: string,
  output: string,
  { format, snapshot }: Pick<ImportArguments, 'format' | 'snapshot'> = {},
): Promise<Imported> {
  const { name, byteLength, blocks, capture } = await openImport(terminal, file);
  const initialState =
    snapshot === undefined ? capture?.initialState : await readSnapshot(terminal, snapshot);
  const progress = terminal.progress(`importing ${basename(name)}`, 'bytes', byteLength);
  const onProgress = (bytes: number): void => progress.update(bytes);
  const parameters = {
    importer: format ?? 'found by its first bytes',
    file: basename(capture === undefined ? name : file),
    ...(initialState && { initialState }),
  };
  const origin = { tool: TOOL, toolVersion: VERSION, seed: null, parameters };
  const input = digesting(blocks);
  const request = { name, byteLength, from: format, callers: capture?.callers, warnings: capture?.warnings };
  let result: ImportedTrace | undefined;
  const written = await writeTrace(output, origin, terminal, async (writer) => {
    result = await importTrace({ ...request, blocks: input.blocks }, writer, {
      onProgress,
    });
    writer.note({ ...result.notes, input: capture?.digest ?? input.digest() });
    return true;
  }).finally(() => progress.stop());
  return { written, result };
}

function optionArguments(options: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );
}

/** `ls-lR.lackey.gz` becomes `ls-lR`, in the directory where the command runs. */
function stem(file: string): string {
  return basename(file)
    .replace(/(?<=.)\.gz$/, '')
    .replace(/(?<=.)\.[^.]*$/, '');
}

function reportImport(
  terminal: Terminal,
  { written, result }: Imported,
  reproduce: string,
  { json }: ImportArguments,
): void {
  const { file, events, bytes, complete } = written;
  if (json) {
    terminal.printJson({ ...result, file, events, bytes, complete, reproduce });
    return;
  }
  const state = complete ? '' : ', incomplete';
  terminal.print(`${file}: ${formatCount(events)} events, ${formatBytes(bytes)}${state}`);
  if (result !== undefined) reportLines(terminal, result);
  terminal.print(`reproduce: ${reproduce}`);
}

/** Every line and every event is accounted for. */
function reportLines(terminal: Terminal, result: ImportedTrace): void {
  const { format, choice, lines, eventLines, events, references, lostEvents = 0, warnings } = result;
  const { read, write, modify, execute } = references;
  terminal.print(
    `${format}${choice.forced ? ', as told' : ''}: ${formatCount(lines)} lines, ${formatCount(eventLines)} of them events; ` +
      `${formatCount(events - eventLines)} events implied`,
  );
  if (!choice.forced) terminal.print(hanging('format: ', choice.why, 2, terminal.width));
  if (read + write + modify + execute > 0)
    terminal.print(
      `references: ${formatCount(read)} read, ${formatCount(write)} write, ${formatCount(modify)} modify, ${formatCount(execute)} execute`,
    );
  printRules(terminal, 'lines ignored', result.ignored);
  printRules(terminal, 'events implied', result.implied);
  printRules(terminal, 'lines taken as something else', result.changed ?? {});
  if (lostEvents > 0) terminal.print(`lost: ${formatCount(lostEvents)} events, by the recorder's own count`);
  for (const warning of warnings) terminal.note(hanging('warning: ', warning, 2, terminal.width));
}

/** Most frequent first. */
function printRules(terminal: Terminal, title: string, counts: Readonly<Record<string, number>>): void {
  const rules = Object.entries(counts).filter(([, count]) => count > 0);
  if (rules.length === 0) return;
  terminal.print(`${title}:`);
  for (const [rule, count] of rules.sort(([, a], [, b]) => b - a))
    terminal.print(`${formatCount(count).padStart(14)}  ${rule}`);
}

function listFormats(terminal: Terminal, { json }: ImportArguments): void {
  const formats = IMPORTERS.map(({ name, describe, grammar }) => ({ name, describe, grammar }));
  if (json) terminal.printJson(formats);
  else for (const format of formats) printFormat(terminal, format);
}

function printFormat(
  terminal: Terminal,
  { name, describe, grammar }: Pick<Importer, 'name' | 'describe' | 'grammar'>,
): void {
  terminal.print(hanging(`${name}: `, describe, 2, terminal.width));
  for (const line of grammar) terminal.print(hanging('    ', line, 8, terminal.width));
}
