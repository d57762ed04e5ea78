/**
 * Two captures of a heap that differ only in how ltrace or valgrind printed them give the same events (begin_of_line()
 * and output_right() of ltrace's output.c; valgrind's --time-stamp).
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import { importText, sum } from '../../captures/program-traces.ts';
import { atDepth } from '../../support/depth.ts';
import { tell } from '../../support/strace-lines.ts';

const FIRST = 0x5555_0000_02a0;
const at = (index: number): number => FIRST + index * 0x1_0000;
const hex = (number: number): string => `0x${number.toString(16)}`;

interface Call {
  readonly name: keyof typeof NAMES;
  readonly args: string;
  readonly result: string;
  /** It is printed in two halves, with the next call of another thread between. */
  readonly halved: boolean;
}

/** As the symbol is called, and as -C shows it. */
const NAMES = {
  malloc: 'malloc',
  calloc: 'calloc',
  realloc: 'realloc',
  free: 'free',
  _Znwm: 'operator new(unsigned long)',
  _Znam: 'operator new[](unsigned long)',
  _ZdlPv: 'operator delete(void*)',
} as const;

const step = fc.record({
  what: fc.constantFrom(...(Object.keys(NAMES) as (keyof typeof NAMES)[])),
  size: fc.integer({ min: 1, max: 9_000 }),
  which: fc.nat({ max: 9 }),
  halved: fc.boolean(),
});

/** Calls of a program that frees only what it has. */
const session: fc.Arbitrary<readonly Call[]> = fc
  .array(step, { minLength: 1, maxLength: 20 })
  .map((steps) => {
    const blocks: number[] = [];
    const calls = steps.map(({ what, size, which, halved }, i): Call => {
      const old = blocks.length === 0 ? 0 : blocks.splice(which % blocks.length, 1)[0]!;
      if (what === 'free' || what === '_ZdlPv')
        return { name: what, args: old === 0 ? 'nil' : hex(old), result: '<void>', halved };
      blocks.push(at(i));
      const result = hex(at(i));
      if (what === 'realloc')
        return { name: what, args: `${old === 0 ? 'nil' : hex(old)}, ${size}`, result, halved };
      if (old !== 0) blocks.push(old);
      return { name: what, args: what === 'calloc' ? `1, ${size}` : `${size}`, result, halved };
    });
    return [{ name: 'malloc', args: '16', result: hex(at(99)), halved: false }, ...calls];
  });

const printing = fc.record({
  library: fc.constantFrom('', 'a.out->', '@libc.so.6'),
  pid: fc.constantFrom('', '20 ', '[pid 20] '),
  time: fc.constantFrom('none', 'day', 'micro', 'epoch', 'since', 'both'),
  address: fc.constantFrom('', '[0x4011c8] '),
  indent: fc.constantFrom('', '    '),
  duration: fc.constantFrom('', ' <0.000120>'),
  column: fc.constantFrom(0, 50),
  demangled: fc.boolean(),
  lineEnd: fc.constantFrom('\n', '\r\n'),
});
type Printing = typeof printing extends fc.Arbitrary<infer P> ? P : never;

const EPOCH = 1_700_000_000;

function print(calls: readonly Call[], options: Printing): string {
  const { library, pid, address, indent, duration, column, demangled } = options;
  let second = 0;
  const head = (): string => `${pid}${timeOf(second++, options.time)}${address}${indent}`;
  const lines = calls.flatMap(({ name, args, result, halved }) => {
    const shown = demangled ? NAMES[name] : name;
    const begin = library.startsWith('@') ? `${shown}${library}(${args}` : `${library}${shown}(${args}`;
    const end = (text: string): string => `${text.padEnd(column)} = ${result}${duration}`;
    if (!halved) return [`${head()}${end(`${begin})`)}`];
    // a halved call takes two lines, and its event happens at the second
    return [`${head()}${begin} <unfinished ...>`, `${head()}${end(`<... ${shown} resumed> )`)}`];
  });
  return [...lines, `${head()}+++ exited (status 0) +++`].map((line) => `${line}${options.lineEnd}`).join('');
}

function timeOf(second: number, time: Printing['time']): string {
  const day = `10:00:${`${second % 60}`.padStart(2, '0')}`;
  const since = `${second === 0 ? 0 : 1}`.padStart(3);
  const texts = {
    none: '',
    day: `${day} `,
    micro: `${day}.000000 `,
    epoch: `${EPOCH + second}.000000 `,
    since: `${since}.000000 `,
    both: `${since}.000000 ${day}.000000 `,
  };
  return texts[time];
}

const PLAIN: Printing = {
  library: '',
  pid: '20 ',
  time: 'epoch',
  address: '',
  indent: '',
  duration: '',
  column: 0,
  demangled: false,
  lineEnd: '\n',
};

/** Thousands of runs, when asked for. */
const LONG = { timeout: 3_600_000 };

async function eventsIn(text: string, format: string, hasTimes: boolean): Promise<string[]> {
  const { result, batches } = await importText(text);
  expect(result.format).toBe(format);
  // addresses are made up: where they lie is no part of how they are printed
  expect(result.warnings.filter((warning) => !warning.includes('lie elsewhere'))).toEqual([]);
  expect(result.lines).toBe(result.eventLines + sum(result.ignored));
  const events = batches.flatMap((batch) => [...eventsOf(batch)]);
  // where no line names the process, it is 1
  const told = events.map((event) => tell(event).replace(/pid=1$/, 'pid=20'));
  return told.map((event, i) => (hasTimes ? `${event} +${events[i]!.thinkNs}` : event));
}

test('whatever options of ltrace print it, a heap is the same events', LONG, async () => {
  await fc.assert(
    fc.asyncProperty(session, printing, async (calls, options) => {
      const hasTimes = options.time !== 'none';
      const plain = await eventsIn(print(calls, PLAIN), 'ltrace', hasTimes);
      expect(plain.length).toBeGreaterThan(4);
      expect(await eventsIn(print(calls, options), 'ltrace', hasTimes)).toEqual(plain);
    }),
    { numRuns: atDepth({ quick: 50, full: 200, long: 20_000 }) },
  );
});

/** valgrind prints a pid always, addresses in capitals, and free without a result. */
function valgrind(calls: readonly Call[], hasTimes: boolean): string {
  const lines = calls.map(({ name, args, result }, i) => {
    const time = hasTimes ? `00:00:00:${`${i}`.padStart(2, '0')}.000 ` : '';
    const [block, ...rest] = args.replace('nil', '0x0').split(', ');
    const isFree = result === '<void>';
    const address = `0x${result.slice(2).toUpperCase()}`;
    return `--${time}20-- ${name}(${[block, ...rest].join(',')})${isFree ? '' : ` = ${address}`}`;
  });
  return [...lines, '==20== total heap usage: 1 allocs, 1 frees, 1 bytes allocated'].join('\n').concat('\n');
}

test('valgrind with time stamps or without', async () => {
  await fc.assert(
    fc.asyncProperty(session, async (calls) => {
      const events = await Promise.all(
        [true, false].map(async (hasTimes) => {
          const { result, batches } = await importText(valgrind(calls, hasTimes));
          expect(result.format).toBe('vgmalloc');
          return batches.flatMap((batch) => [...eventsOf(batch)].map(tell));
        }),
      );
      expect(events[0]).toEqual(events[1]);
    }),
    { numRuns: 100 },
  );
});
