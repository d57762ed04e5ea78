/** Which walks are taken for settled: those alone that would leave page tables as they are. */
import { beforeEach, describe, expect, test } from 'vitest';
import { SettledWalks } from '../../../core/access/settled.ts';
import { Draft } from '../../../core/machine/draft.ts';
import {
  PTE_ACCESSED as A,
  PTE_DIRTY as D,
  makePte,
  PTE_PRESENT as P,
  PTE_LARGE,
  PTE_RW as W,
} from '../../../core/paging/pte.ts';
import { leafTable } from '../../../core/paging/table-walk.ts';
import { mapPage, newTable } from '../../../core/paging/tables.ts';
import { keyBase } from '../../../core/tlb/keys.ts';
import { REF_CHECK_DIRTY, REF_EXECUTE, REF_KERNEL, REF_STORE, Run } from '../../../core/tlb/run.ts';
import { machineOf } from '../../support/rows.ts';

const LOAD = 0;
const ASID = 1;
const PAGE = 0x12345;

const walks = new SettledWalks();
let draft: Draft;
let root: number;

beforeEach(() => {
  draft = new Draft(machineOf('linux-x86_64', 64));
  root = newTable(draft);
});

function isSettled(ref: number, sizeClass = 0, page = PAGE): boolean {
  const run = new Run(1);
  run.push(keyBase(ASID, sizeClass) + page, ref);
  walks.find(draft, root, run);
  return walks.settled[0] === 1;
}

describe('of a page that is mapped', () => {
  test.each([
    ['a load of an accessed page', P | A, LOAD, true],
    ['a fetch from it', P | A, REF_EXECUTE, true],
    ['a load of a page that nobody accessed', P | W | D, LOAD, false],
    ['a store to a page that is writable and dirty', P | A | W | D, REF_STORE, true],
    ['a store to a clean page', P | A | W, REF_STORE, false],
    ['a store to a page that may only be read', P | A | D, REF_STORE, false],
    ['a page that is not present', A | W | D, LOAD, false],
    ['a check of the dirty bit, although it is set', P | A | W | D, REF_STORE | REF_CHECK_DIRTY, false],
    ['a page of the kernel', P | A | W | D, REF_KERNEL, false],
  ])('%s', (_, flags, ref, expected) => {
    mapPage(draft, root, PAGE, makePte(7, flags));
    expect(isSettled(ref)).toBe(expected);
  });
});

test('a page without an entry, in a table that has others', () => {
  mapPage(draft, root, PAGE + 1, makePte(7, P | A));
  expect(isSettled(LOAD)).toBe(false);
});

test('a page without any table', () => {
  expect(isSettled(LOAD)).toBe(false);
});

test('a base page where a huge page lies, whose frame has the number of a table', () => {
  const beyond = PAGE + draft.platform.mmu.leafEntries;
  mapPage(draft, root, beyond, makePte(7, P | A));
  const table = leafTable(draft, root, beyond);
  const upper = draft.platform.mmu.levels.length - 2;
  mapPage(draft, root, PAGE, makePte(table, P | A | PTE_LARGE), upper);
  expect(isSettled(LOAD)).toBe(false);
});

test('a huge page, whoever lies at its number as a base page', () => {
  mapPage(draft, root, PAGE, makePte(7, P | A));
  expect(isSettled(LOAD, 1)).toBe(false);
});

test('more references than ever before', () => {
  mapPage(draft, root, PAGE, makePte(7, P | A));
  const run = new Run(5000);
  for (let k = 0; k < 5000; k++) run.push(keyBase(ASID, 0) + PAGE + (k % 2), LOAD);
  walks.find(draft, root, run);
  const row = leafTable(draft, root, PAGE) * 512 + (PAGE % 512);
  expect([...walks.settled.subarray(0, 5000)]).toEqual(
    Array.from({ length: 5000 }, (_, k) => (k % 2 === 0 ? 1 : 0)),
  );
  expect([...walks.rows.subarray(0, 5000)]).toEqual(Array.from({ length: 5000 }, (_, k) => row + (k % 2)));
});
