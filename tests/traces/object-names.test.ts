/** Names of objects in the notes of a trace: there and back, merged, and notes that nobody of ours wrote. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NamedIds } from '../../traces/import/named-ids.ts';
import {
  MAX_NAMED_OBJECTS,
  MAX_NAMES,
  mergedNames,
  namesNote,
  ObjectNames,
} from '../../traces/vmt/object-names.ts';

const named = fc
  .uniqueArray(fc.tuple(fc.nat(60), fc.constantFrom('f+0x1/0x2', 'g [m]', '__proto__', 'constructor')), {
    selector: ([object]) => object,
  })
  .map((pairs) => pairs.sort(([a], [b]) => a - b));

/** Those that may have a name, and some that never do. */
const OBJECTS = Array.from({ length: 70 }, (_, object) => object);

test('what is noted comes back, and nothing else', () => {
  fc.assert(
    fc.property(named, (pairs) => {
      const names = ObjectNames.in({ names: namesNote(pairs) });
      const expected = new Map(pairs);
      expect(OBJECTS.map((object) => names.of(object))).toEqual(
        OBJECTS.map((object) => expected.get(object)),
      );
      expect(names.note()).toEqual(namesNote(pairs));
    }),
  );
});

test('runs of numbers are ranges', () => {
  expect(namesNote([1, 2, 3, 5, 7, 8].map((object) => [object, 'f']))).toEqual({ f: '1-3,5,7-8' });
});

test('merged, each trace keeps its own', () => {
  fc.assert(
    fc.property(named, named, (a, b) => {
      const traces = [a, b].map((pairs, i) => ({
        names: ObjectNames.in({ names: namesNote(pairs) }),
        number: (object: number) => 2 * object + i,
      }));
      const merged = ObjectNames.in({ names: mergedNames(traces) });
      for (const [i, { names }] of traces.entries())
        expect(OBJECTS.map((object) => merged.of(2 * object + i))).toEqual(
          OBJECTS.map((object) => names.of(object)),
        );
    }),
  );
});

describe('notes of others', () => {
  test.each<[string, unknown]>([
    ['none', undefined],
    ['no map', 'f'],
    ['a list', ['1-3']],
    ['no text', { f: 7 }],
    ['no numbers', { f: 'a-b,,-' }],
    ['backwards', { f: '9-1' }],
    ['a name without end', { ['f'.repeat(300)]: '1' }],
  ])('%s: no names', (_, names) => {
    expect(ObjectNames.in({ names } as never).isEmpty).toBe(true);
  });

  const LAST = MAX_NAMED_OBJECTS;
  test.each([
    ['as many objects as there can be', { f: `1-${LAST}` }, 0, [undefined, 'f', 'f', undefined]],
    ['more: the first keep their names', { f: `1-${LAST + 9}` }, 9, [undefined, 'f', 'f', undefined]],
    [
      'of several names the lower numbers',
      { g: `2-${LAST + 9}`, f: '1' },
      9,
      [undefined, 'f', 'g', undefined],
    ],
  ])('%s', (_, note, beyond, told) => {
    const names = ObjectNames.in({ names: note });
    expect([names.of(0), names.of(1), names.of(LAST), names.of(LAST + 1)]).toEqual(told);
    expect(names.beyond).toBe(beyond);
  });
});

describe('numbers by who asked', () => {
  test('are given again to the same caller only', () => {
    const ids = new NamedIds();
    const [f, g, none] = [ids.take('f'), ids.take('g'), ids.take()];
    for (const id of [f, g, none]) ids.give(id);
    expect([ids.take('g'), ids.take('f'), ids.take(), ids.take('f')]).toEqual([g, f, none, 4]);
    expect(ids.note()).toEqual({ f: '1,4', g: '2' });
    expect(new NamedIds().note()).toBeUndefined();
  });

  test('of more callers than there are names for have none, and are counted', () => {
    const ids = new NamedIds();
    for (let i = 0; i <= MAX_NAMES; i++) ids.take(`f${i}`);
    ids.take('f'.repeat(257));
    ids.take('f1');
    expect(ids.nameless).toBe(2);
    const names = ObjectNames.in({ names: ids.note()! });
    expect([
      names.of(MAX_NAMES),
      names.of(MAX_NAMES + 1),
      names.of(MAX_NAMES + 2),
      names.of(MAX_NAMES + 3),
    ]).toEqual([`f${MAX_NAMES - 1}`, undefined, undefined, 'f1']);
  });
});
