/** The importers, and the one way into them. Only this file knows which there are. */
import { UsageError } from '../../core/errors.js';
import { ImportError } from '../errors.js';
import { gunzipped, peek, withProgress } from './input.js';
import { kernelImporters } from './kernel.js';
import { lackey } from './lackey.js';
export const IMPORTERS = [lackey, ...kernelImporters];
/** As much of the text as a sniff gets to see: past the banners of any tool. */
const SNIFF_BYTES = 0x1_0000;
/** Imports all of the input. When it throws, what went to the output is of no use. */
export async function importTrace(request, output, { onProgress } = {}) {
    const { name, byteLength, from } = request;
    const wanted = from === undefined ? undefined : named(from);
    const counted = onProgress === undefined ? request.blocks : withProgress(request.blocks, byteLength, onProgress);
    const { first, blocks, close } = await peek(await gunzipped(counted, name), SNIFF_BYTES);
    const importer = wanted ?? IMPORTERS.find((candidate) => candidate.sniff(first));
    if (importer !== undefined)
        return importer.import({ name, blocks }, output);
    await close();
    throw unknownFormat(first, name);
}
function named(name) {
    const importer = IMPORTERS.find((candidate) => candidate.name === name);
    if (importer !== undefined)
        return importer;
    throw new UsageError(`found the format '${name}', expected one of: ${names()}`);
}
function unknownFormat(first, file) {
    return new ImportError({
        file,
        found: first.length === 0 ? 'an empty file' : 'text or data of no known format',
        expected: `a trace in one of the formats: ${names()}`,
        remedy: 'Name the format with --format if you know it',
    });
}
function names() {
    return IMPORTERS.map(({ name }) => name).join(', ');
}
//# sourceMappingURL=index.js.map