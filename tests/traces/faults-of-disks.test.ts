/** A small recording over an older file, with every call of the file system failing in turn, or the power going there. */
import { expect, test } from 'vitest';
import { UsageError } from '../../core/base/errors.ts';
import { type FileSink, fileSink } from '../../traces/node/file-sink.ts';
import { TraceWriter } from '../../traces/vmt/writer.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { batchOfRows, ORIGIN, type Row, readRows, traceOf } from './support.ts';

const PATH = '/out/a.vmt';
const OLD = 'an older trace';
const rows: Row[] = Array.from({ length: 25 }, (_, i) => [21, 0, i % 3, 1, 4 * i, 4, 0]);
const NEW = Buffer.from(await traceOf([batchOfRows(rows)], { chunkEvents: 10 }));

/** What a command does: what fails is set aside. */
async function record(disk: FaultyDisk): Promise<void> {
  const sink: FileSink = await fileSink(PATH, disk);
  try {
    const writer = await TraceWriter.create(sink, ORIGIN, { chunkEvents: 10 });
    await writer.write(batchOfRows(rows));
    await writer.finish();
  } catch (error) {
    await sink.setAside();
    throw error;
  }
}

function diskWith(...parameters: ConstructorParameters<typeof FaultyDisk>): FaultyDisk {
  const disk = new FaultyDisk(...parameters);
  disk.put(PATH, OLD, 0o600);
  return disk;
}

/** As many as one that goes well makes. */
async function callsOf(bytesPerWrite?: number): Promise<number[]> {
  const disk = diskWith(undefined, bytesPerWrite);
  await record(disk);
  expect(disk.list()).toEqual([PATH]);
  expect(disk.contentOf(PATH)).toEqual(NEW);
  expect(disk.modeOf(PATH)).toBe(0o600);
  return Array.from({ length: disk.calls }, (_, i) => i + 1);
}

const isOldOrNew = (found: Buffer | undefined) => found?.equals(Buffer.from(OLD)) || found?.equals(NEW);

test.each([
  ['whole', undefined],
  ['torn to pieces of 100 bytes', 100],
])(
  'any call that fails leaves the older file, or the newer one whole (writes %s)',
  async (_, bytesPerWrite) => {
    const wentWrong = new Set<string>();
    for (const atCall of await callsOf(bytesPerWrite)) {
      const disk = diskWith({ atCall, kind: 'fails', code: 'ENOSPC' }, bytesPerWrite);
      const failed = await record(disk).then(
        () => false,
        (error: unknown) => {
          expect(error).toBeInstanceOf(UsageError);
          expect((error as Error).message).toMatch(/a\.vmt: cannot be written: no space left/);
          return true;
        },
      );
      wentWrong.add(disk.wentWrong!);
      const kept = disk.contentOf(PATH)!;
      if (!failed) expect(kept).toEqual(NEW);
      else if (disk.wentWrong !== 'syncDirectory') expect(kept.toString()).toBe(OLD);
      expect(isOldOrNew(kept)).toBe(true);
      expect(disk.list().includes(`${PATH}.lock`)).toBe(disk.wentWrong === 'remove');
      const partial = disk.contentOf(`${PATH}.partial`);
      if (partial !== undefined) expect(NEW.subarray(0, partial.length)).toEqual(partial);
    }
    const all = ['linkOf', 'status', 'link', 'open', 'setMode', 'write', 'sync', 'close', 'rename'];
    expect([...wentWrong].sort()).toEqual([...all, 'syncDirectory', 'remove'].sort());
  },
);

test('a cut of power at any call, whatever the disk had not put down, leaves one of both whole', async () => {
  for (const atCall of await callsOf()) {
    const disk = diskWith({ atCall, kind: 'power' });
    await record(disk).catch(() => {});
    for (const found of disk.afterPowerCut(PATH)) expect(isOldOrNew(found), `call ${atCall}`).toBe(true);
  }
});

test('what was written when a write failed opens up to its last whole chunk', async () => {
  const disk = diskWith({ atCall: (await callsOf()).length - 6, kind: 'fails' });
  await expect(record(disk)).rejects.toThrow(/the disk failed|EIO/);
  const partial = disk.contentOf(`${PATH}.partial`)!;
  expect(await readRows(partial)).toEqual(rows);
});

test('a chain of symbolic links is followed, and what lies at its end is replaced', async () => {
  const disk = new FaultyDisk();
  disk.put('/data/old.vmt', OLD, 0o640);
  disk.putLink('/data/current', '/data/old.vmt');
  disk.putLink(PATH, '/data/current');
  await record(disk);
  expect(disk.list()).toEqual(['/data/current', '/data/old.vmt', PATH]);
  expect(disk.contentOf('/data/old.vmt')).toEqual(NEW);
  expect(disk.modeOf('/data/old.vmt')).toBe(0o640);
});

test('links in a circle are refused', async () => {
  const disk = new FaultyDisk();
  disk.putLink(PATH, '/out/b');
  disk.putLink('/out/b', PATH);
  await expect(record(disk)).rejects.toThrow(
    /a\.vmt: cannot be written: its symbolic links lead in a circle/,
  );
});

test('a symbolic link where the temporary name would be is neither followed nor replaced', async () => {
  const disk = diskWith();
  disk.put('/home/victim', 'precious');
  disk.putLink(`${PATH}.partial`, '/home/victim');
  await record(disk);
  expect(disk.contentOf('/home/victim')!.toString()).toBe('precious');
  expect(disk.list()).toEqual(['/home/victim', PATH, `${PATH}.partial`]);
});
