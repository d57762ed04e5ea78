/** Parts of mappings as objects of their own: what mremap() of a part needs. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { WRITE } from '../../../core/event/access-mode.ts';
import {
  access,
  brk,
  device,
  dmaMap,
  machineOf,
  mmap,
  mremapFixed,
  munmap,
  PAGE,
  RUNNING,
  Session,
  type Step,
} from '../../support/rows.ts';

const split = (object: number, tail: number, offset: number): Step => ({
  kind: 'vma_split',
  object,
  tail,
  offset,
});
const session = (...steps: Step[]): Session =>
  new Session(machineOf('linux-3g1g', 64, {}, { reclaim: {} })).given(...steps);
const written = (pages: number): Step[] =>
  Array.from({ length: pages }, (_, page) => access(1, page * PAGE, 8, WRITE));

test('a part is moved with its pages, and what lay around it stays', () => {
  const one = session(...RUNNING, mmap(1, 8 * PAGE), mmap(2, 8 * PAGE), ...written(8));
  const target = one.machine.objects.get(2, 1);
  one.given(split(1, 3, 2 * PAGE), split(3, 4, 5 * PAGE), mremapFixed(3, 2, PAGE));
  const { vmas } = one.machine.records.mms[1]!;
  const moved = vmas.toArray().find(({ object }) => object === 3)!;
  expect([moved.startVpn, moved.nrPages, moved.objectPage]).toEqual([target + 1, 3, 2]);
  // Offsets go on where those of the object end.
  expect(one.do(access(3, 2 * PAGE, 8, WRITE)).fault).toBe('none');
  expect(one.do(access(4, 5 * PAGE, 8, WRITE)).fault).toBe('none');
  expect(one.do(access(1, 2 * PAGE, 8)).status).toBe('no-mapping');
  expect(checkMachine(one.machine)).toEqual([]);
  one.given(munmap(1, 0, 0), munmap(2, 0, 0), munmap(3, 0, 0), munmap(4, 0, 0));
  expect(one.machine.records.mms[1]!.vmas.toArray()).toEqual([]);
});

describe('is refused', () => {
  test.each<[string, Step[], Step, string]>([
    ['by none', [], split(1, 2, PAGE), 'no-process'],
    ['of nothing', [...RUNNING], split(1, 2, PAGE), 'no-object'],
    [
      'to an object that is there',
      [...RUNNING, mmap(1, 2 * PAGE), mmap(2, PAGE)],
      split(1, 2, PAGE),
      'exists',
    ],
    ['within a page', [...RUNNING, mmap(1, 2 * PAGE)], split(1, 2, 1), 'invalid'],
    ['of the heap', [...RUNNING, brk(1, 2 * PAGE)], split(1, 2, PAGE), 'invalid'],
    ['at its begin', [...RUNNING, mmap(1, 2 * PAGE)], split(1, 2, 0), 'no-mapping'],
    ['behind its end', [...RUNNING, mmap(1, 2 * PAGE)], split(1, 2, 2 * PAGE), 'no-mapping'],
    [
      'while a device reaches it',
      [...RUNNING, mmap(1, 2 * PAGE), device(1, 32), dmaMap('page', 1, 1, 0, PAGE)],
      split(1, 2, PAGE),
      'dma-mapped',
    ],
  ])('%s', (_, given, step, status) => {
    expect(session(...given).do(step).status).toBe(status);
  });
});
