/** How many address spaces a cpu keeps apart in its TLBs: as many as its MMU says. */
import { expect, test } from 'vitest';
import type { Machine } from '../../../core/machine/machine.ts';
import { access, machineOf, mmap, PAGE, RUNNING, RW, Session } from '../../support/rows.ts';

function withAsids(nrAsids: number): Machine {
  const machine = machineOf('linux-x86_64', 256);
  const { platform } = machine;
  return { ...machine, platform: { ...platform, mmu: { ...platform.mmu, nrAsids } } };
}

/** Three processes touch their page in turn, and then the first one does once more. */
function lastOf(machine: Machine): string {
  const session = new Session(machine).given(...RUNNING, mmap(1, PAGE, RW));
  session.given({ kind: 'fork', pid: 2 }, { kind: 'fork', pid: 3 }, access(1, 0, 8));
  for (const pid of [2, 3]) session.given({ kind: 'switch', pid }, access(1, 0, 8));
  session.given({ kind: 'switch', pid: 1 });
  return session.do(access(1, 0, 8)).tlb;
}

test.each([
  [2, 'walk'],
  [3, 'l1'],
  [6, 'l1'],
])('with %i asids the first of three processes finds its page by: %s', (nrAsids, tlb) => {
  expect(lastOf(withAsids(nrAsids))).toBe(tlb);
});

test('PCID gives six of them, its lack one', () => {
  const nrAsids = (pcid: boolean): number =>
    machineOf('linux-x86_64', 64, {}, { mmu: { pcid } }).platform.mmu.nrAsids;
  expect([nrAsids(false), nrAsids(true)]).toEqual([1, 6]);
});
