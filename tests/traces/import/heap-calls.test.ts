/**
 * Programs of which both were recorded: what they asked of malloc (ltrace or mtrace), and the calls that glibc then made
 * (strace, the same addresses; of ARM qemu's). The import makes the same calls in the same order, on machines of 64 and of 32
 * bits.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import { importText } from '../../captures/program-traces.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/heap-calls');
const HEAPS = readdirSync(FOLDER).filter((name) => /\.[lm]trace\.gz$/.test(name));
const PROGRAMS = HEAPS.map((name) => name.split('.')[0]!);
const read = (name: string): string => gunzipSync(readFileSync(join(FOLDER, name))).toString('latin1');
const heapOf = (program: string): string => read(HEAPS.find((name) => name.startsWith(`${program}.`))!);

/** `brk 135168`: so large is the heap then; the others with their length. */
async function callsOfImport(program: string): Promise<string[]> {
  const { result, batches } = await importText(heapOf(program));
  expect(result.warnings.filter((warning) => !warning.includes('taken for threads'))).toEqual([]);
  const lengths = new Map<number, number>();
  return batches.flatMap((batch) =>
    [...eventsOf(batch)].flatMap((event) => {
      if (event.kind === 'mmap' || event.kind === 'mremap') lengths.set(event.object, event.length);
      if (event.kind === 'munmap') return [`munmap ${event.length || lengths.get(event.object)}`];
      const isCall = ['brk', 'mmap', 'mremap', 'mprotect'].includes(event.kind);
      return isCall && 'length' in event ? [`${event.kind} ${event.length}`] : [];
    }),
  );
}

const CALL = /(brk|mmap|munmap|mremap|mprotect)2?\((.*)\) += (\w+)/;

/** From where the dynamic linker has unmapped its cache: the program's own. */
function callsOfStrace(program: string): string[] {
  const lines = read(`${program}.calls.gz`).split('\n');
  const linked = lines.findIndex((line) => /munmap\(/.test(line));
  const heapStart = Number(/brk\(NULL\) += (\w+)/.exec(lines.join('\n'))![1]);
  return lines.slice(linked + 1).flatMap((line) => {
    const [, name, list, result] = CALL.exec(line) ?? [];
    const args = list?.split(', ') ?? [];
    if (name === 'brk') return args[0] === 'NULL' ? [] : [`brk ${Number(result) - heapStart}`];
    const length = name === 'mremap' ? args[2] : args[1];
    return name === undefined ? [] : [`${name} ${length}`];
  });
}

/** Calls that are no allocator's: the stack of a thread, and what a program maps itself. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  threads: ['mmap 8392704', 'mprotect 8388608'],
  python3: ['mmap 1048576', 'mmap 16384', 'mmap 1048576', 'munmap 1048576', 'munmap 16384'],
};

describe.each(PROGRAMS)('%s', (program) => {
  test('brk, mmap, munmap, mremap and mprotect are those that glibc made', async () => {
    const others = [...(OTHERS[program] ?? [])];
    const own = callsOfStrace(program).filter((call) => {
      const at = others.indexOf(call);
      if (at >= 0) others.splice(at, 1);
      return at < 0;
    });
    expect(others).toEqual([]);
    expect(await callsOfImport(program)).toEqual(own);
  });

  test('a strace beside it is looked at: it has them, and one of another run has not', async () => {
    const told = async (strace: string) =>
      (await importText(heapOf(program), 1 << 20, [strace])).result.warnings.filter((warning) =>
        warning.includes('strace'),
      );
    const strace = read(`${program}.calls.gz`);
    expect(await told(strace)).toEqual([]);
    const other = strace.replace(/(brk\(0x\w+\) += 0x\w+)\w{3}/, '$1fff');
    expect(await told(other)).toEqual([
      expect.stringMatching(/^of \d+ calls that malloc makes \d+ are in the strace/),
    ]);
  });
});
