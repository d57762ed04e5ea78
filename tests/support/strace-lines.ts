/** Lines as strace prints them, and the events that an import makes of them. */
import { expect } from 'vitest';
import { eventsOf } from '../../core/event/batch.ts';
import type { MemoryEvent } from '../../core/event/kinds.ts';
import { fold } from '../../core/fold/fold.ts';
import { importText } from '../captures/program-traces.ts';
import { machineOf } from './rows.ts';

export const PID = 7;
export const line = (body: string, pid = PID, time = '15:00:00.000000'): string => `${pid} ${time} ${body}`;
export const lines = (...bodies: string[]): string[] => bodies.map((body) => line(body));

/** Anonymous, private, read-write: 3. */
export const mmap = (at: number, length: number, more = '', fixed = false): string =>
  `mmap(${fixed ? hex(at) : 'NULL'}, ${length}, PROT_READ|PROT_WRITE, MAP_PRIVATE|${fixed ? 'MAP_FIXED|' : ''}MAP_ANONYMOUS${more}, -1, 0) = ${hex(at)}`;
export const hex = (number: number): string => `0x${number.toString(16)}`;
export const A = 0x7f00_0000_0000;
export const PAGE = 4096;
export const execve = 'execve("/bin/true", ["true"], 0x7ffd /* 4 vars */) = 0';

export async function told(texts: readonly string[]) {
  const { result, batches } = await importText(texts.map((text) => `${text}\n`).join(''));
  const events = batches.flatMap((batch) => [...eventsOf(batch)]);
  let machine = machineOf('linux-x86_64', 32);
  const failed = batches.flatMap((batch) => {
    const folded = fold(machine, batch);
    machine = folded.machine;
    return [...folded.outcomes.status.subarray(0, batch.count)].filter((status) => status !== 0);
  });
  expect(failed).toEqual([]);
  return { result, events: events.map(tell) };
}

/** `mmap object=1 length=4096 flags=3 file=0`, less the process that begins each trace here. */
export function tell({ kind, cpu, thinkNs, ...fields }: MemoryEvent): string {
  return [kind, ...Object.entries(fields).map(([name, value]) => `${name}=${value}`)].join(' ');
}

export const START = [`spawn pid=${PID}`, `switch pid=${PID}`];
