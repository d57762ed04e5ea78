/**
 * Recordings of a program without what execve mapped, which then comes from the files of the programs: events are those that
 * they are with the layout of -d -d, or with the maps of snapshots (fixtures/userspace/true; of its files the first KiB).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { type ImportRequest, importTrace } from '../../../traces/index.ts';
import { programsUnder } from '../../../traces/node/index.ts';
import { inBlocks } from '../../traces/support.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const text = (name: string): string =>
  gunzipSync(readFileSync(join(FIXTURES, 'userspace/true', `${name}.gz`))).toString('latin1');
const programs = programsUnder(join(FIXTURES, 'elf/root'));

async function imported(name: string, request: Pick<ImportRequest, 'programs' | 'beside'>) {
  const events: MemoryEvent[] = [];
  const blocks = inBlocks(Buffer.from(text(name), 'latin1'), 1 << 16);
  const result = await importTrace(
    { name, blocks, ...request },
    { write: (batch) => void events.push(...eventsOf(batch)) },
  );
  return { result, events };
}

const beside = (name: string): ImportRequest['beside'] => [{ name, text: text(name) }];
const IMAGE =
  /^\/usr\/bin\/true \(build-id c89156eb\w+\), \/usr\/lib\/x86_64-linux-gnu\/ld-linux-x86-64\.so\.2 /;

test('lackey: the same events as with the memory layout at startup', async () => {
  const told = await imported('lackey-pages', { beside: beside('segments') });
  const found = await imported('lackey-pages', { programs });
  expect(found.events).toEqual(told.events);
  expect(Object.keys(found.result.images!)).toEqual([expect.stringMatching(IMAGE)]);
  expect(found.result.warnings).toEqual([]);
});

test('page faults: the same references as with maps, of what lies as it did', async () => {
  const told = await imported('faults.txt', { beside: beside('snaps.txt') });
  const found = await imported('faults.txt', { programs });
  const touched = ({ events }: typeof told) =>
    events.flatMap((event) => (event.kind === 'access' ? [[event.offset, event.mode]] : []));
  // the vdso has an address in maps alone: what the dynamic linker reads there is implied at the start instead
  const [implied, ...others] = touched(found);
  expect(implied).toEqual([0, 0]);
  expect(others).toEqual(touched(told).filter(([offset]) => offset !== 0x20));
  expect(found.result.ignored['reference to what no line maps']).toBe(1);
  expect(Object.keys(found.result.images!)).toEqual([expect.stringMatching(IMAGE)]);
});

test('with maps and files, the maps count', async () => {
  const { result } = await imported('faults.txt', { programs, beside: beside('snaps.txt') });
  expect(result.images).toEqual({});
});
