/** Lines as tracefs prints them, and the events that an import makes of them. */
import { expect } from 'vitest';
import { type Batch, eventsOf } from '../../core/event/batch.ts';
import { GFP_KERNEL } from '../../core/event/gfp.ts';
import { type ImportResult, importTrace } from '../../traces/index.ts';
import { inBlocks } from '../traces/support.ts';

export const PID = 7;

/** A line of tracefs; the task and the cpu stay the same unless a test is about them. */
export function at(timeUs: number, body: string, { cpu = 0, pid = PID } = {}): string {
  const [seconds, micros] = [Math.floor(timeUs / 1e6), String(timeUs % 1e6).padStart(6, '0')];
  return `            bash-${String(pid).padEnd(7)} [00${cpu}] ..... ${seconds}.${micros}: ${body}`;
}
export const line = (body: string): string => at(1, body);
export const alloc = (pfn: number, order = 0): string =>
  line(`mm_page_alloc: page=1 pfn=${pfn} order=${order} migratetype=0 gfp_flags=GFP_KERNEL`);
export const free = (pfn: number, order = 0): string =>
  line(`mm_page_free: page=1 pfn=${pfn} order=${order}`);
export const kmalloc = (ptr: string, size = 16): string =>
  line(`kmalloc: call_site=f ptr=${ptr} bytes_req=${size} bytes_alloc=${size} gfp_flags=GFP_KERNEL node=-1`);
export const kfree = (ptr: string): string => line(`kfree: call_site=f ptr=${ptr}`);
export const cacheAlloc = (ptr: string, name: string, size = 104, room = size): string =>
  line(
    `kmem_cache_alloc: call_site=f ptr=${ptr} name=${name} bytes_req=${size} bytes_alloc=${room} gfp_flags=GFP_KERNEL`,
  );
export const cacheFree = (ptr: string, name: string): string =>
  line(`kmem_cache_free: call_site=f ptr=${ptr} name=${name}`);
export const area = (va: number, size: number, failed = 0): string =>
  line(`alloc_vmap_area: va_start: ${va} size=${size} align=4096 vstart=0x1 vend=0x2 failed=${failed}`);
export const freeArea = (va: number): string =>
  line(`free_vmap_area_noflush: va_start=${va} nr_lazy=1 nr_lazy_max=2`);

export async function importLines(
  lines: readonly string[],
): Promise<{ result: ImportResult; batches: Batch[]; told: string[] }> {
  const batches: Batch[] = [];
  const blocks = inBlocks(Buffer.from(`${lines.join('\n')}\n`), 1 << 20);
  const output = { write: (batch: Batch) => void batches.push(batch) };
  const result = await importTrace({ name: 'some.txt', blocks }, output);
  return { result, batches, told: tell(batches) };
}

/** `page_alloc object=1 order=0`, less what is the same for all. */
export function tell(batches: readonly Batch[]): string[] {
  return batches
    .flatMap((batch) => [...eventsOf(batch)])
    .map(({ kind, cpu, thinkNs, ...fields }) => {
      const values = Object.entries(fields).filter(([name, value]) => name !== 'gfp' || value !== GFP_KERNEL);
      return [kind, ...values.map(([name, value]) => `${name}=${value}`)].join(' ');
    });
}

export const START = [`spawn pid=${PID}`, `switch pid=${PID}`];
export const TASK = { 'task seen for the first time': 1, 'another task on the cpu': 1 };

export function expectAllAccountedFor({ lines, events, eventLines, ignored, implied }: ImportResult): void {
  expect(lines).toBe(eventLines + sum(ignored));
  expect(events).toBe(eventLines + sum(implied));
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);
