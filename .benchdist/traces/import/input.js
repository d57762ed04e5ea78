/** The way from a file to an importer: progress, gunzip, and a look at the first bytes. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ImportError } from '../errors.js';
import { BLOCK_BYTES } from '../source.js';
/** The first two bytes of a gzip file (RFC 1952, 2.3.1). */
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
export async function* withProgress(blocks, total, onProgress) {
    let done = 0;
    for await (const block of blocks) {
        yield block;
        done += block.length;
        onProgress(done, total);
    }
}
/** At least `length` first bytes, fewer when there are no more. */
export async function peek(blocks, length) {
    const iterator = blocks[Symbol.asyncIterator]();
    const head = [];
    let bytes = 0;
    while (bytes < length) {
        const { done, value } = await iterator.next();
        if (done)
            break;
        head.push(value);
        bytes += value.length;
    }
    return {
        first: Buffer.concat(head),
        blocks: resume(head, iterator),
        async close() {
            await iterator.return?.();
        },
    };
}
async function* resume(head, iterator) {
    try {
        yield* head;
        for (let next = await iterator.next(); !next.done; next = await iterator.next())
            yield next.value;
    }
    finally {
        await iterator.return?.();
    }
}
/** The text of a gzip file; anything else as it is. */
export async function gunzipped(blocks, file) {
    const { first, blocks: all } = await peek(blocks, GZIP_MAGIC.length);
    return GZIP_MAGIC.equals(first.subarray(0, GZIP_MAGIC.length)) ? gunzip(all, file) : all;
}
async function* gunzip(blocks, file) {
    const unpacked = createGunzip({ chunkSize: BLOCK_BYTES });
    const done = pipeline(Readable.from(blocks), unpacked);
    done.catch(() => { }); // the same error comes out of the loop
    try {
        yield* unpacked;
    }
    catch (error) {
        throw zlibFault(error, file);
    }
}
function zlibFault(error, file) {
    if (!error.code?.startsWith('Z_'))
        return error;
    const cut = error.code === 'Z_BUF_ERROR';
    return new ImportError({
        file,
        found: cut ? 'the end of the file within its gzip data' : `damaged gzip data (${error.message})`,
        expected: 'a whole gzip file',
        remedy: cut
            ? 'Copy it again; to import what is there, unpack it first: `zcat FILE | vmsplit import -`'
            : 'Copy it again',
    });
}
//# sourceMappingURL=input.js.map