/** One writer of an output at a time, and what those that died have left. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileSink } from '../../traces/node/index.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmsplit-'));
  path = join(folder, 'a.vmt');
});
afterEach(() => rm(folder, { recursive: true }));

test('the second writer of a name is refused until the first is through', async () => {
  const first = await fileSink(path);
  await expect(fileSink(path)).rejects.toThrow(
    /a\.vmt: is being written by process \d+, expected one writer at a time. .*a\.vmt\.lock/,
  );
  await first.write(Buffer.from('first'));
  await first.close();
  const second = await fileSink(path);
  await second.write(Buffer.from('second'));
  await second.close();
  expect(await readFile(path, 'utf8')).toBe('second');
  expect(await readdir(folder)).toEqual(['a.vmt']);
});

test('of many at once one wins', async () => {
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => fileSink(path)));
  const won = tries.flatMap((tried) => (tried.status === 'fulfilled' ? [tried.value] : []));
  expect(won).toHaveLength(1);
  await won[0]!.discard();
  expect(await readdir(folder)).toEqual([]);
});

test('two names of one file are one output', async () => {
  await writeFile(path, 'old');
  await symlink('a.vmt', join(folder, 'link'));
  const first = await fileSink(path);
  await expect(fileSink(join(folder, 'link'))).rejects.toThrow(/is being written/);
  await first.discard();
});

test.each([
  ['setAside', ['a.vmt.partial']],
  ['discard', []],
] as const)('%s lets go of it', async (how, left) => {
  const sink = await fileSink(path);
  await sink[how]();
  expect(await readdir(folder)).toEqual(left);
  await (await fileSink(path)).discard();
});

test('a lock of a process that is gone is taken over, also by several at once', async () => {
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  await symlink(`${hostname()}:${gone}:1`, `${path}.lock`);
  const tries = await Promise.allSettled(Array.from({ length: 4 }, () => fileSink(path)));
  const won = tries.flatMap((tried) => (tried.status === 'fulfilled' ? [tried.value] : []));
  expect(won).toHaveLength(1);
  await won[0]!.discard();
});

test('so is that of a process whose number another one has now', async () => {
  await symlink(`${hostname()}:${process.pid}:12345`, `${path}.lock`);
  await (await fileSink(path)).discard();
});

test('that of another host is respected, and named', async () => {
  await symlink(`${hostname()}-b:77:1`, `${path}.lock`);
  await expect(fileSink(path)).rejects.toThrow(/is being written by process 77 on .*-b, expected/);
});

test('what is no lock is nobody’s to take away', async () => {
  await writeFile(`${path}.lock`, 'mine');
  await expect(fileSink(path)).rejects.toThrow(/a\.vmt\.lock: found something that is no lock of vmsplit/);
  expect(await readdir(folder)).toEqual(['a.vmt.lock']);
});
