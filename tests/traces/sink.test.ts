import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../../core/base/errors.ts';
import { memorySource, openTrace, TraceWriter } from '../../traces/index.ts';
import { fileSink, fileSource, openInput, streamSink } from '../../traces/node/index.ts';
import { batchOfRows, collect, inBlocks, ORIGIN, type Row, rowsOf } from './support.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmsplit-'));
});
afterEach(() => rm(folder, { recursive: true }));

const rows: Row[] = Array.from({ length: 100 }, (_, i) => [21, 0, i % 3, 1, 4 * i, 4, 0]);

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

describe('a trace in a file', () => {
  test('has its name when it is finished, not before', async () => {
    const path = join(folder, 'a.vmt');
    const writer = await TraceWriter.create(await fileSink(path), ORIGIN, { chunkEvents: 10 });
    await writer.write(batchOfRows(rows));
    expect((await readdir(folder)).sort()).toEqual(['a.vmt.lock', 'a.vmt.partial']);
    await writer.finish();
    expect(await readdir(folder)).toEqual(['a.vmt']);

    const source = await fileSource(path);
    const trace = await openTrace(source);
    expect(trace).toMatchObject({ file: path, complete: true, events: 100 });
    expect(rowsOf(await collect(trace.batches(35)))).toEqual(rows.slice(35));
    await trace.close();
  });

  test('that is discarded leaves an earlier file as it was', async () => {
    const path = join(folder, 'a.vmt');
    await writeFile(path, 'an earlier trace');
    const writer = await TraceWriter.create(await fileSink(path), ORIGIN);
    await writer.write(batchOfRows(rows));
    await writer.discard();
    expect(await readdir(folder)).toEqual(['a.vmt']);
    expect(await readFile(path, 'utf8')).toBe('an earlier trace');
  });

  test('that was being written when the recorder was killed opens by its partial name', async () => {
    const path = join(folder, 'a.vmt');
    const killed = await TraceWriter.create(await fileSink(path), ORIGIN, { chunkEvents: 10 });
    await killed.write(batchOfRows(rows));
    await until(async () => (await stat(`${path}.partial`)).size > 2000);
    const source = await fileSource(`${path}.partial`);
    const trace = await openTrace(source);
    expect(trace.complete).toBe(false);
    expect(trace.events).toBeGreaterThan(0);
    expect(rowsOf(await collect(trace.batches()))).toEqual(rows.slice(0, trace.events));
    await trace.close();
    await killed.discard();
  });

  test.each([
    ['in a folder that does not exist', 'no/where/a.vmt', /directory does not exist/],
    ['that is a folder', '.', /found a directory/],
  ])('%s cannot be written', async (_, name, message) => {
    const sink = fileSink(join(folder, name));
    await expect(sink).rejects.toThrow(UsageError);
    await expect(sink).rejects.toThrow(message);
  });

  test('what is no file, a device or a named pipe, is written directly and stays what it is', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const received = readFile(path);
    const writer = await TraceWriter.create(await fileSink(path), ORIGIN, { chunkEvents: 10 });
    await writer.write(batchOfRows(rows));
    await writer.finish();
    const trace = await openTrace(memorySource(await received));
    expect(trace).toMatchObject({ complete: true, events: 100 });
    expect(rowsOf(await collect(trace.batches()))).toEqual(rows);
    expect(await readdir(folder)).toEqual(['pipe']);
    expect((await stat(path)).isFIFO()).toBe(true);
  });
});

describe('a trace to a stream', () => {
  test('waits for a slow reader', async () => {
    const stream = new PassThrough({ highWaterMark: 16 });
    const sink = streamSink(stream, '<stdout>');
    let written = false;
    const write = Promise.resolve(sink.write(Buffer.alloc(1000))).then(() => {
      written = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBe(false);
    stream.resume();
    await write;
    await sink.close();
  });

  test('says so when the other side is gone', async () => {
    const broken = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    const sink = streamSink(broken, '<stdout>');
    const writeAll = async () => {
      for await (const block of inBlocks(Buffer.alloc(100_000), 30_000)) await sink.write(block);
      await sink.close();
    };
    await expect(writeAll()).rejects.toThrow(
      /<stdout>: cannot be written: the reading side has closed the pipe/,
    );
  });
});

describe('input', () => {
  test('a file comes in blocks, and its size is known', async () => {
    const path = join(folder, 'in.txt');
    await writeFile(path, 'some text');
    const input = await openInput(path);
    expect(input).toMatchObject({ name: path, byteLength: 9 });
    expect(Buffer.concat(await collect(input.blocks)).toString()).toBe('some text');
  });

  test.each([
    ['missing', /no such file/],
    ['missing-\ufffd', /no such file; if its name is not UTF-8, rename it, or pipe it in/],
    ['.', /found a directory/],
  ])('%s cannot be read', async (name, message) => {
    await expect(openInput(join(folder, name))).rejects.toThrow(message);
    await expect(fileSource(join(folder, name))).rejects.toThrow(UsageError);
  });
});
