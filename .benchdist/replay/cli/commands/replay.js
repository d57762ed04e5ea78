/** `vmsplit replay`: a trace under one layout, or under several side by side. */
import { Command } from 'commander';
import { EVENTS_ARGUMENT } from '../events.js';
import { addMachineOptions } from '../machine-options.js';
import { MOST_FOLDED, replayLine, replayUnder, reportReplay } from '../run-replay.js';
import { addSnapshotOption } from '../snapshot-input.js';
import { collect, wholeNumber } from '../values.js';
import { addWorkloadOptions } from '../workload-options.js';
/** The split of nearly every 32-bit distribution kernel. */
const DEFAULT_LAYOUTS = ['linux-3g1g'];
export function replayCommand(terminal) {
    const command = new Command('replay')
        .description('replay a trace under a layout: what worked, what failed and why, what it cost')
        .argument('<events>', EVENTS_ARGUMENT)
        .option('--layout <name>', `a layout, see \`vmsplit layouts\`, or FILE.json; repeatable (default: ${DEFAULT_LAYOUTS})`, collect);
    return addWorkloadOptions(addSnapshotOption(addMachineOptions(command)))
        .option('--batch <n>', 'events folded at a time; changes no result', wholeNumber(1, MOST_FOLDED))
        .option('--json', 'the result as JSON')
        .action((what, given) => replayTrace(terminal, what, given));
}
async function replayTrace(terminal, what, given) {
    const { layout: layouts = DEFAULT_LAYOUTS, batch: batchSize, json = false } = given;
    const request = { what, given, layouts, batchSize };
    const replayed = await replayUnder(terminal, request);
    const layoutArguments = layouts.flatMap((name) => ['--layout', name]);
    reportReplay(terminal, replayed, replayLine('replay', replayed.events, layoutArguments, request), json);
    terminal.signal.throwIfAborted();
}
//# sourceMappingURL=replay.js.map