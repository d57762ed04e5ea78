/** Where a trace is written: a file, standard output, or memory. Append-only. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { UsageError } from '../core/errors.js';
/** Keeps everything; for tests and small traces. */
export class MemorySink {
    parts = [];
    write(bytes) {
        this.parts.push(bytes);
    }
    close() { }
    discard() {
        this.parts.length = 0;
    }
    bytes() {
        return Buffer.concat(this.parts);
    }
}
/** A stream, such as standard output; waits when the other side is slow. */
export function streamSink(stream, name) {
    let failure;
    stream.on('error', (error) => {
        failure ??= writeError(error, name);
    });
    const orFailure = async (done) => {
        await done.catch(() => { });
        if (failure !== undefined)
            throw failure;
    };
    return {
        async write(bytes) {
            if (failure !== undefined)
                throw failure;
            if (!stream.write(bytes))
                await orFailure(once(stream, 'drain'));
        },
        async close() {
            if (failure !== undefined)
                throw failure;
            const finished = once(stream, 'finish');
            stream.end();
            await orFailure(finished);
        },
        discard() {
            stream.destroy();
        },
    };
}
/**
 * A file. It is written as `<path>.partial` and takes its name when it is closed, so that a failed run harms
 * no earlier file. What exists and is no regular file (a pipe, /dev/null) is written directly.
 */
export async function fileSink(path) {
    const existing = await stat(path).catch(() => undefined);
    if (existing?.isDirectory())
        throw new UsageError(`${path}: found a directory, expected the name of a file`);
    if (existing !== undefined && !existing.isFile())
        return openFile(path);
    const partial = `${path}.partial`;
    const sink = await openFile(partial);
    return {
        write: (bytes) => sink.write(bytes),
        async close() {
            await sink.close();
            await rename(partial, path);
        },
        async discard() {
            await sink.discard();
            await rm(partial, { force: true });
        },
    };
}
async function openFile(path) {
    const stream = createWriteStream(path);
    await once(stream, 'open').catch((error) => {
        throw writeError(error, path);
    });
    return streamSink(stream, path);
}
function writeError(error, name) {
    const reasons = {
        ENOENT: 'its directory does not exist',
        EACCES: 'permission denied',
        EROFS: 'the file system is read-only',
        ENOSPC: 'no space left on the disk',
        EPIPE: 'the reading side has closed the pipe',
    };
    const reason = reasons[error.code ?? ''] ?? error.message;
    return new UsageError(`${name}: cannot be written: ${reason}`, { cause: error });
}
//# sourceMappingURL=sink.js.map