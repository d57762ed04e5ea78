import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { UsageError } from '../core/errors.js';
import { unknownName } from '../workloads/options.js';
import { compared, readEarlier } from './compare.js';
import { headerOf } from './header.js';
import { Inputs, REFERENCE_TRACE } from './inputs.js';
import { measure } from './measure.js';
import { SUITES } from './suites/index.js';
import { listText, reportText } from './text.js';
const USAGE_EXIT = 2;
export async function main(args, streams) {
    const program = programFor(streams);
    try {
        program.parse(args, { from: 'user' });
        await bench(program.opts(), streams);
        return 0;
    }
    catch (error) {
        if (error instanceof CommanderError)
            return error.exitCode === 0 ? 0 : USAGE_EXIT;
        if (!(error instanceof UsageError))
            throw error;
        streams.stderr.write(`bench: ${error.message}\n`);
        return USAGE_EXIT;
    }
}
function programFor({ stdout, stderr }) {
    return new Command('bench')
        .description('Measures the hot paths of vmsplit.')
        .option('--suite <name...>', 'only these suites')
        .option('--time <ms>', 'how long to sample each row', wholeNumber, 500)
        .option('--seed <n>', 'seed of workloads and of random events', wholeNumber, 1)
        .option('--compare <file>', 'an earlier --json: tell the ratio new/old of each row')
        .option('--json', 'print one JSON object instead of a table')
        .option('--list', 'print the names of suites and rows, and measure nothing')
        .addHelpText('after', `\n$VMSPLIT_BENCH_TRACE names another reference trace than ${REFERENCE_TRACE}.`)
        .exitOverride()
        .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) });
}
async function bench(options, streams) {
    const suites = chosenSuites(options.suite);
    if (options.list) {
        streams.stdout.write(listText(suites));
        return;
    }
    const earlier = options.compare === undefined ? undefined : await readEarlier(options.compare);
    const inputs = new Inputs(options.seed, streams.env.VMSPLIT_BENCH_TRACE);
    const header = headerOf(options.seed, options.time, inputs.tracePath);
    const measured = await measureAll(suites, inputs, options.time, streams.stderr);
    const results = earlier === undefined ? measured : compared(measured, earlier);
    streams.stdout.write(options.json
        ? `${JSON.stringify({ header, results }, undefined, 2)}\n`
        : reportText(header, suites, results));
}
async function measureAll(suites, inputs, timeMs, stderr) {
    const rows = suites.flatMap((suite) => suite.rows.map((row) => ({ suite, row })));
    const results = [];
    for (const { suite, row } of rows) {
        progress(stderr, `${results.length + 1}/${rows.length} ${suite.name}: ${row.name}`);
        const measurement = await measure(await row.prepare(inputs), timeMs);
        results.push({ suite: suite.name, name: row.name, unit: suite.unit, ...measurement });
    }
    progress(stderr, '');
    return results;
}
/** Rewrites one line of a terminal. */
function progress(stderr, text) {
    if (stderr.isTTY === true)
        stderr.write(`\r\x1b[K${text}`);
}
function chosenSuites(names) {
    if (names === undefined)
        return SUITES;
    return names.map((name) => {
        const found = SUITES.find((suite) => suite.name === name);
        if (found !== undefined)
            return found;
        throw unknownName('suite', name, SUITES.map((suite) => suite.name));
    });
}
function wholeNumber(text) {
    if (/^\d{1,10}$/.test(text))
        return Number(text);
    throw new InvalidArgumentError('Expected a whole number.');
}
//# sourceMappingURL=main.js.map