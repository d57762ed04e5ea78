/** Files dropped on the page become the traces that `vmsplit import` writes, byte for byte, and are told in its words. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../../core/event/kinds.ts';
import type { Brought } from '../../../../replay/page/engine/bring.ts';
import type { DroppedFile } from '../../../../replay/page/engine/work.ts';
import { memorySource, openTrace } from '../../../../traces/index.ts';
import { FULL } from '../../../support/depth.ts';
import { recordedDrivers, temporaryFolder, vmsplit } from '../../cli/vmsplit.ts';
import { bytesOf, dropped, droppedText, idleSession, listener } from './dropped.ts';

const KERNEL = 'tests/fixtures/kernel/oddcomm';

async function run(files: readonly DroppedFile[]): Promise<Extract<Brought, { what: 'run' }>> {
  const brought = await idleSession().bring(files, listener());
  if (brought.what !== 'run') return expect.fail('no run');
  return brought;
}

/** What the command line makes of the same. */
async function imported(args: string): Promise<{ bytes: Buffer; out: string; err: string }> {
  const file = join(temporaryFolder(), 'cli.vmt');
  const { out, err } = await vmsplit(`import ${args} -o ${file}`);
  return { bytes: readFileSync(file), out, err };
}

/** The events of a trace. */
async function eventsIn(bytes: Uint8Array): Promise<MemoryEvent[]> {
  const events: MemoryEvent[] = [];
  const trace = await openTrace(memorySource(bytes, 'x.vmt'));
  for await (const batch of trace.batches(0)) events.push(...eventsOf(batch));
  return events;
}

describe('a recording', () => {
  it.each([
    ...(FULL ? ['tests/fixtures/lackey/true.lackey.gz', 'tests/fixtures/heap/sqlite3.vgmalloc.gz'] : []),
    'tests/fixtures/formats/page-owner.txt',
    'tests/fixtures/kernel/lost/trace_overrun.txt.gz',
  ])('%s', async (path) => {
    const theirs = await imported(path);
    const { run: page, lines, warnings } = await run([dropped(path)]);
    expect(await bytesOf((page.trace as { blob: Blob }).blob)).toEqual(theirs.bytes);
    expect(theirs.out.split('\n').slice(1, -2)).toEqual(
      lines.slice(1, -1).flatMap((line) => line.split('\n')),
    );
    for (const warning of warnings) expect(theirs.err).toContain(`warning: ${warning}`);
  });

  it('of system calls is the same where no file of the programs is at hand', async () => {
    const path = 'tests/fixtures/strace/bash-pipeline.strace.gz';
    const theirs = await imported(`${path} --sysroot tests/fixtures/elf`);
    const { run: page, lines } = await run([dropped(path)]);
    const own = await bytesOf((page.trace as { blob: Blob }).blob);
    expect(await eventsIn(own)).toEqual(await eventsIn(theirs.bytes));
    expect(theirs.out.split('\n').slice(1, -2)).toEqual(
      lines.slice(1, -1).flatMap((line) => line.split('\n')),
    );
  });

  it('has the /proc files that lie beside it, as with --snapshot', async () => {
    const names = [
      'trace.txt.gz',
      'zoneinfo.before',
      'buddyinfo.before',
      'pagetypeinfo.before',
      'slabinfo.before',
    ];
    const theirs = await imported(`${join(KERNEL, names[0]!)} --snapshot ${KERNEL}`);
    const { run: page } = await run(names.map((name) => dropped(join(KERNEL, name))));
    expect(await bytesOf((page.trace as { blob: Blob }).blob)).toEqual(theirs.bytes);
    expect(JSON.parse(page.spec)).toMatchObject({ lanes: [{ layout: 'linux-x86_64', fromSnapshot: true }] });
    expect((await idleSession().open(page, listener())).lanes).toHaveLength(1);
  });

  it('is shown under the usual machines where the memory of its snapshot is of none that is guessed', async () => {
    const files = ['zoneinfo', 'buddyinfo'].map((name) => {
      const text = readFileSync(join(KERNEL, `${name}.before`), 'latin1');
      return droppedText(name, text.replaceAll('DMA32', 'HighMem'));
    });
    const { run: page, warnings } = await run([dropped(join(KERNEL, 'trace.txt.gz')), ...files]);
    expect(warnings.at(-1)).toMatch(/^not begun with the memory of the snapshot: linux-3g1g: zone Normal/);
    expect((await idleSession().open(page, listener())).lanes).toHaveLength(3);
  });

  it.runIf(FULL)('has them from one file with several reports too', async () => {
    const reports = ['zoneinfo', 'buddyinfo'].map(
      (name) => `--- ${name}\n${readFileSync(join(KERNEL, `${name}.before`), 'latin1')}`,
    );
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'proc.txt'), reports.join(''));
    const theirs = await imported(`${join(KERNEL, 'trace.txt.gz')} --snapshot ${join(folder, 'proc.txt')}`);
    const files = [dropped(join(KERNEL, 'trace.txt.gz')), dropped(join(folder, 'proc.txt'))];
    const { run: page } = await run(files);
    expect(await bytesOf((page.trace as { blob: Blob }).blob)).toEqual(theirs.bytes);
  });

  it('is read as a person says', async () => {
    const path = 'tests/fixtures/cases/csim-short.txt';
    const theirs = await imported(`${path} --format csim`);
    const { run: page } = await idleSession().importFiles([dropped(path)], { format: 'csim' }, listener());
    expect(await bytesOf((page.trace as { blob: Blob }).blob)).toEqual(theirs.bytes);
  });

  it.runIf(FULL)('comes out of the archive of a capture as import has it', async () => {
    const base = temporaryFolder();
    mkdirSync(join(base, 'board/before'), { recursive: true });
    copyFileSync(join(KERNEL, 'trace.txt.gz'), join(base, 'board/trace.txt.gz'));
    for (const name of ['zoneinfo', 'buddyinfo'])
      copyFileSync(join(KERNEL, `${name}.before`), join(base, 'board/before', name));
    const tar = join(base, 'board.tar');
    execFileSync('tar', ['-cf', tar, '-C', base, 'board']);
    const theirs = await imported(tar);
    const { run: page } = await idleSession().importFiles([dropped(tar)], {}, listener());
    expect(await bytesOf((page.trace as { blob: Blob }).blob)).toEqual(theirs.bytes);
  });
});

describe('a trace of ours', () => {
  it('is the file itself, of which little is read before it is replayed', async () => {
    const path = await recordedDrivers('--events 200000 --seed 1');
    let read = 0;
    const { size, slice } = new Blob([readFileSync(path)]);
    const whole = new Blob([readFileSync(path)]);
    const blob = {
      size,
      slice(start: number, end: number) {
        read += Math.min(size, end) - start;
        return slice.call(whole, start, end);
      },
    };
    const { run: page } = await run([{ name: basename(path), blob }]);
    expect(page.trace).toEqual({ blob });
    expect(read).toBeLessThan(size / 2);
    expect((await idleSession().open(page, listener())).events).toBe(200_000);
  });

  it('is unpacked when it is packed', async () => {
    const bytes = readFileSync(await recordedDrivers('--events 5000'));
    const { run: page } = await run([droppedText('drivers.vmt.gz', gzipSync(bytes))]);
    expect(await bytesOf((page.trace as { blob: Blob }).blob)).toEqual(bytes);
  });
});

describe('errors and ends', () => {
  it.each([
    [
      'noise',
      [droppedText('a.bin', 'nothing that anybody knows\n')],
      /^a\.bin: found text or data of no known format, expected a trace/,
    ],
    ['nothing', [droppedText('a.txt', '')], /^a\.txt: found an empty file, expected/],
    [
      'two recordings',
      ['a', 'b'].map((name) => dropped(join(KERNEL, 'trace.txt.gz'), `${name}.gz`)),
      /found 2 traces, expected one: import a\.gz or b\.gz itself/,
    ],
  ])('are in words: %s', async (_, files, message) => {
    await expect(idleSession().bring(files, listener())).rejects.toThrow(message);
  });

  it('refuses two traces of ours', async () => {
    const bytes = readFileSync(await recordedDrivers('--events 1000'));
    const files = ['a.vmt', 'b.vmt'].map((name) => droppedText(name, bytes));
    await expect(idleSession().bring(files, listener())).rejects.toThrow(
      'found 2 traces, expected one: drop a.vmt',
    );
  });

  it('tells how far it is, and ends when it is to', async () => {
    const session = idleSession();
    const seen: [string, number, number | undefined][] = [];
    const path = 'tests/fixtures/lackey/ls-lR.lackey.gz';
    const { size } = dropped(path).blob;
    const told = listener((...progress) => {
      seen.push(progress);
      session.cancel();
    });
    await session.bring(
      [dropped(path)],
      listener((...progress) => void seen.push(progress)),
    );
    expect(seen.at(-1)).toEqual(['importing ls-lR.lackey.gz', size, size]);
    const workload = {
      spec: JSON.stringify({ events: { workload: 'drivers' }, lanes: [{ layout: '3g1g' }] }),
      files: {},
    };
    await expect(session.open(workload, told)).rejects.toThrow(/abort/);
  });
});
