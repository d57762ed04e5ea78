/** What ext4 remembers of a file, and what it gives back when it is asked (es_do_reclaim_extents, v6.1). */
import { expect, test } from 'vitest';
import { GFP_ATOMIC } from '../../../core/event/gfp.ts';
import { slabCaches } from '../../../core/slab/info.ts';
import { ExtentShrinker } from '../../../replay/verify/pressure/extents.ts';
import { Player } from '../../../replay/verify/pressure/player.ts';
import { PROGRAMS } from '../../../replay/verify/pressure/programs.ts';
import { PressureRun } from '../../../replay/verify/pressure/run.ts';
import { parseScript, runScript } from '../../../replay/verify/pressure/script.ts';
import { within } from '../../core/reclaim/looks.ts';
import { machineOf, Session } from '../../support/rows.ts';

const OBJECTS = [10, 11, 12, 13];
const MADE = OBJECTS.map((object, at) => ({ object, at }));

function withExtents(): Session {
  const session = new Session(machineOf('linux-x86_64', 64, {}, { reclaim: {} }));
  session.given({ kind: 'kmem_cache_create', cache: 1, size: 40, align: 8, slabFlags: 0 });
  for (const object of OBJECTS)
    session.given({ kind: 'kmem_cache_alloc', object, cache: 1, gfp: GFP_ATOMIC });
  return session;
}

test('those that are there count, in the order in which they were made; one that was used is spared once', () => {
  const told = within(withExtents(), (draft) => {
    // The last one will be made by an event that is still to come.
    const shrinker = new ExtentShrinker([...MADE, { object: 99, at: 4 }]);
    const looks = [2, 3, 3, 9].map((nrToScan) => {
      const count = shrinker.count(draft);
      return [count, ...shrinker.scan(draft, nrToScan)];
    });
    return looks;
  });
  // Marks of 10 and 11 go, then those of 12 and 13, and from the beginning on the extents themselves.
  expect(told).toEqual([[4], [4, 10], [3, 11, 12, 13], [0]]);
});

test('a copy goes its own way', () => {
  within(withExtents(), (draft) => {
    const shrinker = new ExtentShrinker(MADE);
    shrinker.count(draft);
    const copy = shrinker.copy();
    copy.scan(draft, 4);
    expect(copy.scan(draft, 4)).toEqual(OBJECTS);
    copy.deferred = 7;
    expect([shrinker.count(draft), shrinker.deferred]).toEqual([4, 0]);
    expect(shrinker.scan(draft, 4)).toEqual([]);
  });
});

test('one that is made again takes its place in the file, and the next look ends behind it', () => {
  const session = withExtents();
  within(session, (draft) => {
    const made = [...MADE];
    const shrinker = new ExtentShrinker(made);
    shrinker.count(draft);
    shrinker.scan(draft, 4);
    expect(shrinker.scan(draft, 2)).toEqual([10, 11]);
    expect([0, 1, 2, 3, 4].map((at) => shrinker.has(at))).toEqual([false, false, true, true, false]);
    expect(new ExtentShrinker(MADE).has(3)).toBe(true);
    // As if an event had made it: another object that is there.
    made.push({ object: 10, at: 1 });
    expect(shrinker.count(draft)).toBe(3);
    expect([0, 1, 2].map((at) => shrinker.has(at))).toEqual([false, true, true]);
    // The look was before 12, and is so still.
    expect(shrinker.scan(draft, 3)).toEqual([12, 13]);
  });
});

test('what is read again is made again, leaf by leaf, as far as it was forgotten and has to be read', () => {
  const player = new Player(machineOf('linux-x86_64', 64, { cpus: 1 }, { reclaim: {} }));
  const run = new PressureRun(player, undefined as never);
  run.process('reader', 0);
  run.file('f', 40);
  run.readFile('f', 16, 8);
  run.extents(0, 16);
  player.flush();
  const objects = (): number =>
    slabCaches(player.machine).find(({ sizeBytes }) => sizeBytes === 40)!.liveObjects;
  expect(objects()).toBe(16);
  // Of pages 0, 8, 16, 24 and 32: the leaf of 0 to 7 is known, 16 is cached.
  run.recall('f', 40, 8, 8);
  player.flush();
  expect(objects()).toBe(16 + 3 * 16);
});

test('the program that reads a file has each leaf of its extents read once, before the first page that it tells of', () => {
  const [leaves, late] = [[] as number[], [] as number[]];
  const pagesRead = (first: number, count: number): void => {
    for (let page = first; page < first + count; page++)
      if (leaves.length <= Math.floor(page / 83)) late.push(page);
  };
  const machine = {
    extents: (first: number, count: number) => leaves.push(first === 166 * leaves.length ? count : -1),
    readFile: (file: string, first: number, count: number) => file === '/mnt/f' && pagesRead(first, count),
    touch: (name: string, first: number, count: number) => name === 'file' && pagesRead(first, count),
  };
  const numbers = new Map(Object.entries({ A: 4, F: 160, E: 640 }));
  const silent = new Proxy(machine, { get: (known, name) => Reflect.get(known, name) ?? (() => {}) });
  runScript(parseScript(PROGRAMS.cache!, 's'), { numbers, lists: new Map() }, silent as never);
  expect(leaves).toEqual(Array.from({ length: Math.ceil(640 / 83) }, () => 2 * 83));
  expect(late).toEqual([]);
});
