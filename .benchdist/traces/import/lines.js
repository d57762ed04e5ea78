/** Text as spans of whole lines, so that importers parse bytes in place whatever the size of the blocks. */
import { ImportError } from '../errors.js';
import { NEWLINE } from './bytes.js';
/** A line longer than this is no trace of any tool; it would otherwise be kept in memory whole. */
const MAX_LINE_BYTES = 0x10_0000;
export async function* lineSpans(blocks, file) {
    let rest = new Uint8Array(0);
    for await (const block of blocks) {
        const firstEnd = block.indexOf(NEWLINE) + 1;
        if (firstEnd === 0) {
            rest = Buffer.concat([rest, block]);
            if (rest.length > MAX_LINE_BYTES)
                throw tooLong(file, rest.length);
            continue;
        }
        let start = 0;
        if (rest.length > 0) {
            const line = Buffer.concat([rest, block.subarray(0, firstEnd)]);
            yield { bytes: line, end: line.length, cut: false };
            start = firstEnd;
        }
        const end = block.lastIndexOf(NEWLINE) + 1;
        if (end > start)
            yield { bytes: block.subarray(start, end), end: end - start, cut: false };
        rest = Buffer.from(block.subarray(end));
    }
    if (rest.length > 0)
        yield { bytes: rest, end: rest.length, cut: true };
}
function tooLong(file, bytes) {
    return new ImportError({
        file,
        found: `a line of more than ${bytes - 1} bytes`,
        expected: 'lines of text',
        remedy: 'Is this the text that the tool wrote? Name the format with --format if it is',
    });
}
//# sourceMappingURL=lines.js.map