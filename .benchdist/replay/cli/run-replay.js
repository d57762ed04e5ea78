/** Events through one layout or several, with progress: what the commands that replay have in common. */
import { Lane, replay, reportText } from '../index.js';
import { firstEvents, openEvents } from './events.js';
import { layoutsOf, machineArguments } from './machine-options.js';
import { reproduceLine } from './reproduce.js';
import { memoryOf } from './snapshot-input.js';
/** Events in a batch at most: all columns and outcomes of one are in memory at once. */
export const MOST_FOLDED = 2 ** 20;
/** Boots the machines and replays the events. Broken off by Ctrl-C, the result tells how far it came. */
export async function replayUnder(terminal, request) {
    const { what, given, layouts } = request;
    const events = await openEvents(what, given, terminal);
    try {
        const memory = memoryOf(events, given);
        const lanes = (await layoutsOf(layouts, given, events.cpus)).map((layout) => new Lane(layout, memory));
        return { events, lanes, result: await foldAll(terminal, events, lanes, request) };
    }
    finally {
        await events.close();
    }
}
async function foldAll(terminal, events, lanes, { batchSize, firstDifferences, untilEvent }) {
    const batches = untilEvent === undefined ? events.batches : firstEvents(events.batches, untilEvent);
    const progress = terminal.progress(`replaying ${events.name}`, 'events', untilEvent ?? events.total);
    try {
        return await replay(batches, lanes, {
            ...(batchSize !== undefined && { batchSize }),
            ...(firstDifferences !== undefined && { firstDifferences }),
            signal: terminal.signal,
            onProgress: (done) => progress.update(done.events),
        });
    }
    finally {
        progress.stop();
    }
}
/** Prints a result and the line that reproduces it; a trace that is cut makes the exit code 1. */
export function reportReplay(terminal, { events, result }, reproduce, json) {
    const lost = events.lost();
    if (json)
        terminal.printJson({ trace: events.name, ...result, lost: lost ?? null, reproduce });
    else {
        terminal.print(reportText(result, { colors: terminal.colors.isColorSupported }));
        terminal.print(`reproduce: ${reproduce}`);
    }
    if (lost !== undefined) {
        terminal.note(`${events.name}: incomplete: ${lost.message}`);
        terminal.exitCode = 1;
    }
}
/** The command line that repeats a replay. */
export function replayLine(command, { arguments: eventArguments }, layoutArguments, { given, batchSize, firstDifferences }) {
    return reproduceLine(command, [
        ...eventArguments,
        ...layoutArguments,
        ...machineArguments(given),
        ...(given.fromSnapshot ? ['--from-snapshot'] : []),
        ...(batchSize === undefined ? [] : ['--batch', String(batchSize)]),
        ...(firstDifferences === undefined ? [] : ['--first', String(firstDifferences)]),
    ]);
}
//# sourceMappingURL=run-replay.js.map