/** Calls of malloc as ltrace prints them, and the events that an import makes of them. */
import { expect } from 'vitest';
import { eventsOf } from '../../core/event/batch.ts';
import { EVENT_KINDS, type MemoryEvent } from '../../core/event/kinds.ts';
import { COUNTER } from '../../core/outcome/counters.ts';
import { importText } from '../captures/program-traces.ts';
import { replay } from './laws.ts';
import { machineOf } from './rows.ts';

/** A page in the heap of a program: the first block lies behind 0x290 bytes of the allocator's own, and a header. */
export const HEAP = 0x5555_0000_0000;
export const FIRST = HEAP + 0x2a0;
/** Far from the heap. */
export const AWAY = 0x7f00_0000_0000;
export const hex = (number: number): string => `0x${number.toString(16)}`;

export const malloc = (size: number, at: number): string => `a.out->malloc(${size}) = ${hex(at)}`;
export const free = (at: number): string => `a.out->free(${hex(at)}) = <void>`;
export const realloc = (old: number, size: number, at: number): string =>
  `a.out->realloc(${hex(old)}, ${size}) = ${hex(at)}`;

/** What an import makes of them: it replays without a failure, and every line is accounted for. */
export async function told(lines: readonly string[]) {
  const { result, batches } = await importText(lines.map((line) => `${line}\n`).join(''));
  const events = batches.flatMap((batch) => [...eventsOf(batch)]);
  const { machine } = replay(machineOf('linux-3g1g', 64), batches, 64);
  expect(machine.counters[COUNTER.failures] === 0 || events.some(({ kind }) => kind === 'refused')).toBe(
    true,
  );
  expect(result.lines).toBe(result.eventLines + Object.values(result.ignored).reduce((a, b) => a + b, 0));
  return { result, events: events.map(tell).slice(2) };
}

/** What glibc maps at least, MMAP_AS_MORECORE_SIZE. */
export const MORECORE = 2 ** 20;

/** The second object. */
export const refused = (length: number): string[] => [
  `mmap 2 length=${length} flags=3 file=0`,
  `refused 2 request=${EVENT_KINDS.mmap.code} length=0`,
  'munmap 2 length=0',
];

/** `write 1+672 64`: 64 bytes at offset 672 of object 1. */
function tell({ kind, cpu, thinkNs, ...fields }: MemoryEvent): string {
  const { object, offset, size, mode, ...others } = fields as Record<string, number>;
  if (kind === 'access') return `${mode === 0 ? 'read' : 'write'} ${object}+${offset} ${size}`;
  const rest = Object.entries(others).map(([name, value]) => ` ${name}=${value}`);
  return `${kind} ${object ?? ''}${rest.join('')}`.trim();
}

export const MAIN = 'brk 1 length=135168';
/** Of the first call: the cache of the thread, and a block of 56 bytes with the top behind it. */
export const FIRST_56 = 'write 1+8 728';
