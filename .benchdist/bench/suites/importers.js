/** Importing: the text of other tools to events. */
import { importTrace } from '../../traces/index.js';
const BLOCK_BYTES = 2 ** 20;
export const importers = {
    name: 'importers',
    unit: 'lines',
    doc: "other tools' text to events in memory",
    rows: [
        importRow('lackey', (inputs) => inputs.lackeyText()),
        importRow('ftrace', (inputs) => inputs.kernelText()),
    ],
};
function importRow(name, textOf) {
    return {
        name,
        async prepare(inputs) {
            const text = await textOf(inputs);
            const run = () => importTrace({ name, blocks: inBlocks(text) }, { write() { } });
            const { lines } = await run();
            return { events: lines, bytes: text.length, isAsync: true, run };
        },
    };
}
async function* inBlocks(bytes) {
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES)
        yield bytes.subarray(at, at + BLOCK_BYTES);
}
//# sourceMappingURL=importers.js.map