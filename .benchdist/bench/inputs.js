/** What rows are made from: a seed, and a trace of real references, read once and only if a row asks for it. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fileSource, importTrace, looksLikeTrace, MemorySink, memorySource, openInput, openTrace, TraceWriter, } from '../traces/index.js';
/** From the root of the package: `ls -lR` of a directory, as valgrind's lackey saw it. */
export const REFERENCE_TRACE = 'tests/fixtures/lackey/ls-lR.lackey.gz';
/** A shell that forks, and an allocation experiment, as tracefs showed the kernel under them. */
const KERNEL_TRACES = [
    'tests/fixtures/kernel/forkloop-all/trace.txt.gz',
    'tests/fixtures/kernel/buddy/trace.txt.gz',
];
/** Enough lines that a run is no matter of its first milliseconds. */
const KERNEL_TRACE_COPIES = 16;
/** A longer reference trace counts with its first events only, so that a row takes no minutes. */
const MAX_TRACE_EVENTS = 2 ** 22;
export class Inputs {
    seed;
    tracePath;
    trace;
    constructor(seed, tracePath) {
        this.seed = seed;
        this.tracePath = tracePath ?? REFERENCE_TRACE;
    }
    referenceTrace() {
        const path = this.tracePath === REFERENCE_TRACE ? fixturePath() : this.tracePath;
        this.trace ??= readTrace(path).then(recorded);
        return this.trace;
    }
    /** The text of the fixture, whatever the reference trace. */
    async lackeyText() {
        return gunzipSync(await readFile(fixturePath()));
    }
    /** Kernel traces one after the other, again and again. */
    async kernelText() {
        const texts = await Promise.all(KERNEL_TRACES.map(async (path) => gunzipSync(await readFile(fixturePath(path)))));
        return Buffer.concat(Array.from({ length: KERNEL_TRACE_COPIES }, () => texts).flat());
    }
}
export async function recorded(batches) {
    const all = [...batches];
    const events = all.reduce((sum, batch) => sum + batch.count, 0);
    return { events, batches: all, bytes: await encode(all) };
}
export async function encode(batches) {
    const sink = new MemorySink();
    const origin = { tool: 'bench', toolVersion: '0', seed: null, parameters: {} };
    const writer = await TraceWriter.create(sink, origin);
    for (const batch of batches)
        await writer.write(batch);
    await writer.finish();
    return sink.bytes();
}
/** The first batches of a .vmt file, or of whatever can be imported. */
async function readTrace(path) {
    const taken = [];
    let events = 0;
    const take = (batch) => {
        if (events < MAX_TRACE_EVENTS)
            taken.push(batch);
        events += batch.count;
        return events < MAX_TRACE_EVENTS;
    };
    const source = await fileSource(path);
    try {
        if (!looksLikeTrace(await source.read(0, 4096)))
            await importTrace(await openInput(path), { write: (batch) => void take(batch) });
        else {
            const trace = await openTrace(source);
            for await (const batch of trace.batches())
                if (!take(batch))
                    break;
        }
    }
    finally {
        await source.close();
    }
    return taken;
}
/** Batches of a trace in memory. */
export async function* decode(bytes) {
    const trace = await openTrace(memorySource(bytes));
    yield* trace.batches();
}
/** Found by the package's own name, wherever the compiled files lie in it. */
function fixturePath(path = REFERENCE_TRACE) {
    const root = dirname(createRequire(import.meta.url).resolve('vmsplit/package.json'));
    return join(root, path);
}
//# sourceMappingURL=inputs.js.map