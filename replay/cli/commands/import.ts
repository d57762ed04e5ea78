/** `vmsplit import`: another tool's trace to a trace of ours. */
import { basename } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../../../core/index.ts';
import { checkImporter, IMPORTERS, type ImportedTrace, type Importer } from '../../../traces/index.ts';
import { programsUnder } from '../../../traces/node/index.ts';
import { importInto, importLines, importParameters, importStem } from '../../brought/index.ts';
import { formatBytes, formatCount } from '../../index.ts';
import { reproduceLine } from '../../spec/index.ts';
import { hanging } from '../../text/wrap.ts';
import { openImport } from '../files/capture-input.ts';
import { refuseOtherImport } from '../files/default-output.ts';
import { programImport } from '../files/program-captures.ts';
import { readSnapshot } from '../files/snapshot-input.ts';
import { STDIN } from '../files/trace-input.ts';
import { refuseSameFile, STDOUT, type Written, writeTrace } from '../files/trace-output.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { TOOL, VERSION } from '../terminal/version.ts';

interface ImportArguments {
  readonly output?: string;
  readonly format?: string;
  readonly snapshot?: string;
  readonly sysroot?: string;
  readonly list?: true;
  readonly json?: true;
}

export function importCommand(terminal: Terminal): Command {
  return new Command('import')
    .description("turn another tool's trace, gzipped or not, into a trace")
    .argument(
      '[files...]',
      'the trace to import, or a folder or tar with one and the /proc files beside it (`vmsplit capture`); - is standard ' +
        'input. Several files, or a folder of them, are one run of a program: lackey with system calls, its memory layout ' +
        '(-d -d), page faults, a strace, maps',
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
    .option(
      '--sysroot <folder>',
      'the root of the machine that was traced: the programs and dynamic linkers there tell what execve maps (default: ' +
        'those of this machine, where the trace confirms that they are the same)',
    )
    .option('--list', 'list the formats')
    .option('--json', 'the result as JSON')
    .action(async (files: readonly string[], given: ImportArguments) => {
      if (given.list) return listFormats(terminal, given);
      if (files.length === 0)
        throw new UsageError('import: expected the name of a file, or - for standard input');
      await importFiles(terminal, files, given);
    });
}

async function importFiles(
  terminal: Terminal,
  files: readonly string[],
  given: ImportArguments,
): Promise<void> {
  const [file] = files as [string];
  const { format, snapshot, sysroot, output = file === STDIN ? STDOUT : `${importStem(file)}.vmt` } = given;
  if (format !== undefined) checkImporter(format);
  await refuseSameFile(file, output);
  if (given.output === undefined) await refuseOtherImport(file, output);
  const imported = await importTo(terminal, files, output, given);
  const args = [...files, '-o', output, ...optionArguments({ format, snapshot, sysroot })];
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
  files: readonly string[],
  output: string,
  { format, snapshot, sysroot }: Pick<ImportArguments, 'format' | 'snapshot' | 'sysroot'> = {},
): Promise<Imported> {
  const [file] = files as [string];
  const source = (await programImport(files)) ?? (await openImport(terminal, file));
  const initialState =
    snapshot === undefined ? source.capture?.initialState : await readSnapshot(terminal, snapshot);
  const progress = terminal.progress(`importing ${basename(source.name)}`, 'bytes', source.byteLength);
  const onProgress = (bytes: number): void => progress.update(bytes);
  const parameters = importParameters(
    basename(source.capture === undefined ? source.name : file),
    format,
    initialState,
  );
  const origin = { tool: TOOL, toolVersion: VERSION, seed: null, parameters };
  let result: ImportedTrace | undefined;
  const written = await writeTrace(output, origin, terminal, async (writer) => {
    result = await importInto(writer, { ...source, programs: programsUnder(sysroot) }, format, onProgress);
    return true;
  }).finally(() => progress.stop());
  return { written, result };
}

function optionArguments(options: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );
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
  for (const line of result === undefined ? [] : importLines(result, terminal.width)) terminal.print(line);
  for (const warning of result?.warnings ?? [])
    terminal.note(hanging('warning: ', warning, 2, terminal.width));
  terminal.print(`reproduce: ${reproduce}`);
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
