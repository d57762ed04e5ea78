/** What ext4 remembers of a file, and what it gives back when it is asked (es_do_reclaim_extents, v6.1). */
import { expect, test } from 'vitest';
import { GFP_ATOMIC } from '../../../core/event/gfp.ts';
import { ExtentShrinker } from '../../../replay/verify/pressure/extents.ts';
import { PROGRAMS } from '../../../replay/verify/pressure/programs.ts';
import { parseScript, runScript } from '../../../replay/verify/pressure/script.ts';
import { within } from '../../core/reclaim/looks.ts';
import { machineOf, Session } from '../../support/rows.ts';

const OBJECTS = [10, 11, 12, 13];

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
    const shrinker = new ExtentShrinker([...OBJECTS, 99]);
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
    const shrinker = new ExtentShrinker(OBJECTS);
    shrinker.count(draft);
    const copy = shrinker.copy();
    copy.scan(draft, 4);
    expect(copy.scan(draft, 4)).toEqual(OBJECTS);
    copy.deferred = 7;
    expect([shrinker.count(draft), shrinker.deferred]).toEqual([4, 0]);
    expect(shrinker.scan(draft, 4)).toEqual([]);
  });
});

test('the program that reads a file has each leaf of its extents read once, before the first page that it tells of', () => {
  const [leaves, late] = [[] as number[], [] as number[]];
  const pagesRead = (first: number, count: number): void => {
    for (let page = first; page < first + count; page++)
      if (leaves.length <= Math.floor(page / 83)) late.push(page);
  };
  const machine = {
    extents: (count: number) => leaves.push(count),
    readFile: (file: string, first: number, count: number) => file === '/mnt/f' && pagesRead(first, count),
    touch: (name: string, first: number, count: number) => name === 'file' && pagesRead(first, count),
  };
  const numbers = new Map(Object.entries({ A: 4, F: 160, E: 640 }));
  const silent = new Proxy(machine, { get: (known, name) => Reflect.get(known, name) ?? (() => {}) });
  runScript(parseScript(PROGRAMS.cache!, 's'), { numbers, lists: new Map() }, silent as never);
  expect(leaves).toEqual(Array.from({ length: Math.ceil(640 / 83) }, () => 2 * 83));
  expect(late).toEqual([]);
});
