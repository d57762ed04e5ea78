/** `vmsplit import`: another tool's trace to a trace of ours. */
import { basename } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../../../core/index.js';
import { IMPORTERS, importTrace } from '../../../traces/index.js';
import { formatBytes, formatCount } from '../../index.js';
import { reproduceLine } from '../reproduce.js';
import { readSnapshot } from '../snapshot-input.js';
import { openBytes, STDIN } from '../trace-input.js';
import { refuseSameFile, STDOUT, writeTrace } from '../trace-output.js';
import { TOOL, VERSION } from '../version.js';
export function importCommand(terminal) {
    return new Command('import')
        .description("turn another tool's trace, gzipped or not, into a trace")
        .argument('[file]', 'the trace to import; - is standard input')
        .option('-o, --output <file>', 'the new trace; - is standard output (default: NAME.vmt, for standard input -)')
        .option('--format <name>', 'its format, see --list (default: found by its first bytes)')
        .option('--snapshot <path>', 'the /proc files of the recorded kernel at the start (zoneinfo, buddyinfo, pagetypeinfo, slabinfo): a folder, or one file with all')
        .option('--list', 'list the formats')
        .option('--json', 'the result as JSON')
        .action(async (file, given) => {
        if (given.list)
            return listFormats(terminal, given);
        if (file === undefined)
            throw new UsageError('import: expected the name of a file, or - for standard input');
        await importFile(terminal, file, given);
    });
}
async function importFile(terminal, file, given) {
    const { format, snapshot, output = file === STDIN ? STDOUT : `${stem(file)}.vmt` } = given;
    checkFormat(format);
    await refuseSameFile(file, output);
    const imported = await importTo(terminal, file, output, given);
    const args = [file, '-o', output, ...optionArguments({ format, snapshot })];
    reportImport(terminal, imported, reproduceLine('import', args), given);
    if (!imported.written.complete)
        terminal.signal.throwIfAborted();
}
export async function importTo(terminal, file, output, { format, snapshot } = {}) {
    const initialState = snapshot === undefined ? {} : { initialState: await readSnapshot(snapshot) };
    const { name, byteLength, blocks } = await openBytes(file, 'a trace to import', terminal);
    const progress = terminal.progress(`importing ${basename(name)}`, 'bytes', byteLength);
    const onProgress = (bytes) => progress.update(bytes);
    const parameters = {
        importer: format ?? 'found by its first bytes',
        file: basename(name),
        ...initialState,
    };
    const origin = { tool: TOOL, toolVersion: VERSION, seed: null, parameters };
    let result;
    const written = await writeTrace(output, origin, terminal, async (writer) => {
        result = await importTrace({ name, byteLength, blocks, from: format }, writer, { onProgress });
        if (result.notes !== undefined)
            writer.note(result.notes);
        return true;
    }).finally(() => progress.stop());
    return { written, result };
}
function optionArguments(options) {
    return Object.entries(options).flatMap(([name, value]) => value === undefined ? [] : [`--${name}`, value]);
}
/** `ls-lR.lackey.gz` becomes `ls-lR`, in the directory where the command runs. */
function stem(file) {
    return basename(file)
        .replace(/(?<=.)\.gz$/, '')
        .replace(/(?<=.)\.[^.]*$/, '');
}
function checkFormat(format) {
    const names = IMPORTERS.map(({ name }) => name);
    if (format !== undefined && !names.includes(format))
        throw new UsageError(`unknown format '${format}', expected one of: ${names.join(', ')}`);
}
function reportImport(terminal, { written, result }, reproduce, { json }) {
    const { file, events, bytes, complete } = written;
    if (json) {
        terminal.printJson({ ...result, file, events, bytes, complete, reproduce });
        return;
    }
    const state = complete ? '' : ', incomplete';
    terminal.print(`${file}: ${formatCount(events)} events, ${formatBytes(bytes)}${state}`);
    if (result !== undefined)
        reportLines(terminal, result);
    terminal.print(`reproduce: ${reproduce}`);
}
/** Every line and every event is accounted for. */
function reportLines(terminal, result) {
    const { format, lines, eventLines, events, references, lostEvents = 0, warnings } = result;
    const { read, write, modify, execute } = references;
    terminal.print(`${format}: ${formatCount(lines)} lines, ${formatCount(eventLines)} of them events; ` +
        `${formatCount(events - eventLines)} events implied`);
    if (read + write + modify + execute > 0)
        terminal.print(`references: ${formatCount(read)} read, ${formatCount(write)} write, ${formatCount(modify)} modify, ${formatCount(execute)} execute`);
    printRules(terminal, 'lines ignored', result.ignored);
    printRules(terminal, 'events implied', result.implied);
    printRules(terminal, 'lines taken as something else', result.changed ?? {});
    if (lostEvents > 0)
        terminal.print(`lost: ${formatCount(lostEvents)} events, by the recorder's own count`);
    for (const warning of warnings)
        terminal.note(`warning: ${warning}`);
}
/** Most frequent first. */
function printRules(terminal, title, counts) {
    const rules = Object.entries(counts).filter(([, count]) => count > 0);
    if (rules.length === 0)
        return;
    terminal.print(`${title}:`);
    for (const [rule, count] of rules.sort(([, a], [, b]) => b - a))
        terminal.print(`${formatCount(count).padStart(14)}  ${rule}`);
}
function listFormats(terminal, { json }) {
    const formats = IMPORTERS.map(({ name, describe }) => ({ name, describe }));
    if (json)
        terminal.printJson(formats);
    else
        for (const { name, describe } of formats)
            terminal.print(`${name}: ${describe}`);
}
//# sourceMappingURL=import.js.map