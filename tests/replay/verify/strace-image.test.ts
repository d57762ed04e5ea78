/**
 * A strace alone, with the ELF headers of the programs it names: the maps of each process at its end, line by line as the
 * programs printed them (fixtures/elf: Debian 12, Linux 6.18, glibc 2.36; of the files the first KiB, which has all headers;
 * aslr.strace is fork.strace with addresses at random, both without paths).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { batchOf, eventsOf } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { bootMachine, buildLayout, fold } from '../../../core/index.ts';
import { kernelNamed } from '../../../core/kernel/linux.ts';
import { viewNamed } from '../../../replay/index.ts';
import {
  formatMaps,
  importTrace,
  ObjectNames,
  type ProgramImages,
  parseMaps,
} from '../../../traces/index.ts';
import { programsUnder } from '../../../traces/node/index.ts';
import { inBlocks } from '../../traces/support.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/elf');
const fixture = (name: string): string => readFileSync(join(FIXTURES, name), 'latin1');

async function imported(text: string, programs: ProgramImages | undefined) {
  const events: MemoryEvent[] = [];
  const result = await importTrace(
    { name: 'some.strace', blocks: inBlocks(Buffer.from(text, 'latin1'), 1 << 16), programs },
    { write: (batch) => void events.push(...eventsOf(batch)) },
  );
  return { result, events };
}

/** /proc/PID/maps of each process when it ends, in the order of their ends. */
async function mapsAtExits(text: string, sysroot = join(FIXTURES, 'root')): Promise<string> {
  const { result, events } = await imported(text, programsUnder(sysroot));
  const layout = buildLayout('linux-x86_64', { ramBytes: 1n << 30n, kernel: kernelNamed('6.18') });
  const names = ObjectNames.in(result.notes!);
  let machine = bootMachine(layout);
  let maps = '';
  for (const event of events) {
    if (event.kind === 'exit') maps += viewNamed('maps', undefined).text(machine, names);
    machine = fold(machine, batchOf([event])).machine;
  }
  return maps;
}

/** Without what a trace cannot know: devices and inodes, and what is no memory of a process. */
function comparable(maps: string): string[] {
  const lines = parseMaps(maps.replace(/^.*\[vsyscall\]\n/gm, ''));
  return lines.map((line) => {
    const name = line.name === '[vvar_vclock]' ? '[vvar]' : line.name;
    return formatMaps([{ ...line, device: '00:00', inode: 0, name }], 8);
  });
}

/** Without -y only the program and its dynamic linker have names. */
function withoutPaths(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/ *\/(?:file\/\d+|usr\/lib\/.*\/libc\.so\.6)\n$/, '\n'));
}

test('all 22 mappings of a program, with names and offsets', async () => {
  expect(comparable(await mapsAtExits(fixture('self.strace')))).toEqual(comparable(fixture('self.maps')));
});

test.each(['fork.strace', 'aslr.strace'])(
  '%s: of a program at a fixed address, with holes in its mappings, and of what its child has become',
  async (name) => {
    const maps = comparable(await mapsAtExits(fixture(name)));
    expect(withoutPaths(maps)).toEqual(withoutPaths(comparable(fixture('fork.maps'))));
  },
);

test('RELRO is a part of the image, and nothing has to be guessed', async () => {
  const { result } = await imported(fixture('aslr.strace'), programsUnder(join(FIXTURES, 'root')));
  expect(result.implied).not.toHaveProperty(
    'mapping of execve or of before the trace, when a call first shows it',
  );
  const linker =
    '/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 (build-id 7ebc65e52f2bbea498b4040fa92f7238377aaba9)';
  expect(result.images).toEqual({
    [`/usr/local/bin/forkmaps (build-id c03cd1123e4cadf6119e95561a24702a4fb09fb5), ${linker}`]: 1,
    [`/usr/local/bin/selfmaps (build-id 393f69cef95228a5a02c9a77e57ed52a587ef7d4), ${linker}`]: 1,
  });
  expect(result.warnings).toEqual([]);
});

test('where the files are missing, a warning says so, and what follows from it', async () => {
  const { result } = await imported(fixture('fork.strace'), programsUnder(join(FIXTURES, 'root/lib64')));
  expect(result.images).toEqual({});
  expect(result.warnings[0]).toMatch(
    /^not all that execve mapped is known.*: \/usr\/local\/bin\/forkmaps is not here; \/usr\/local\/bin\/selfmaps is not here\. .*--sysroot/,
  );
});

test('without files to look at there is neither image nor warning', async () => {
  const { result } = await imported(fixture('self.strace'), undefined);
  expect(result.warnings).toEqual([]);
  expect(result.implied['mapping of execve or of before the trace, when a call first shows it']).toBe(2);
});
