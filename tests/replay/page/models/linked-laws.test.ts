/** What goes with a selection after any events: every way leads to where explain says it leads, and none is missing. */
import { beforeAll, describe, expect, test } from 'vitest';
import { batchOf } from '../../../../core/event/batch.ts';
import { explainAddress } from '../../../../core/explain/explain.ts';
import { fold } from '../../../../core/fold/fold.ts';
import { pageAddress } from '../../../../core/layout/regions.ts';
import type { Machine } from '../../../../core/machine/machine.ts';
import type { MachineOptions } from '../../../../core/machine/options.ts';
import { isSwapPte, pteFrame } from '../../../../core/paging/pte.ts';
import { forEachUserPage } from '../../../../core/paging/user-pages.ts';
import { NO_CLASS, OBJECT } from '../../../../core/state/objects.ts';
import { type Linked, linkedOf } from '../../../../replay/page/models/linked.ts';
import { MIB, SMALL_MACHINES } from '../../../support/rows.ts';
import { randomEvents } from '../../support.ts';
import { linked } from './linked-text.ts';

const has = ({ frames }: Linked, pfn: number): boolean =>
  frames.some(({ start, end }) => start <= pfn && pfn < end);

const OPTIONS: readonly (readonly [string, MachineOptions])[] = [
  ['as they come', {}],
  ['with reclaim and swap', { reclaim: { swapBytes: BigInt(16 * MIB) } }],
  ['with huge pages', { thp: 'always' }],
];

/** Pages of processes as their tables have them: some, from all over. */
function mappedPages(machine: Machine): { pid: number; vpn: number; pfn: number }[] {
  const found: { pid: number; vpn: number; pfn: number }[] = [];
  const { processes, mms } = machine.records;
  for (const { pid, mm } of Object.values(processes))
    forEachUserPage(machine, mms[mm]!.root, (vpn, pte) => {
      if (!isSwapPte(pte)) found.push({ pid, vpn, pfn: pteFrame(pte) });
    });
  return someOf(found);
}

function someOf<T>(all: readonly T[]): T[] {
  return all.filter((_, i) => i % Math.ceil(all.length / 20) === 0);
}

/** Numbers of live objects: some of them. */
function liveObjects({ objects }: Machine): number[] {
  const live: number[] = [];
  objects.forEachLeaf((leaf, first) => {
    for (let row = 0; row * objects.shape.stride < leaf.length; row++)
      if (leaf[row * objects.shape.stride + OBJECT.class] !== NO_CLASS) live.push(first + row);
  });
  return someOf(live);
}

/** Where every place leads is among the frames, or a zero page; what is not mapped yet leads nowhere. */
function expectPlacesLead(machine: Machine, of: Linked): void {
  for (const { start, pid } of of.places.slice(0, 30)) {
    const { frame } = explainAddress(machine, 'virtual', start, { pid });
    if (frame === undefined || /zero page/.test(frame.owner)) continue;
    expect(has(of, frame.pfn), `${of.text} at ${start}`).toBe(true);
  }
}

describe.each(SMALL_MACHINES)('$name', ({ boot }) => {
  describe.each(OPTIONS)('%s', (_name, options) => {
    let machine: Machine;
    beforeAll(() => {
      machine = fold(boot(options), batchOf(randomEvents(11, 2000))).machine;
    });

    test('a frame: whoever maps it, where, and no other', () => {
      const mapped = mappedPages(machine);
      expect(mapped.length).toBeGreaterThan(5);
      for (const { pid, vpn, pfn } of mapped) {
        const of = linked(machine, `frame:${pfn}`);
        const address = pageAddress(machine.platform.layout, vpn);
        expect(of.processes).toContain(pid);
        expect(of.places.filter(({ start }) => start === address)).not.toEqual([]);
        for (const { start, pid } of of.places)
          expect(explainAddress(machine, 'virtual', start, { pid }).frame?.pfn).toBe(pfn);
      }
    });

    test('an object: its frames, each of which leads back to it', () => {
      for (const object of liveObjects(machine)) {
        const of = linked(machine, `object:${object}`);
        expectPlacesLead(machine, of);
        for (const { start } of of.frames.slice(0, 3))
          expect(linked(machine, `frame:${start}`).objects, of.text).toContain(object);
      }
    });

    test('a process: its objects, each of which leads back to it', () => {
      for (const pid of Object.keys(machine.records.processes).map(Number)) {
        const of = linked(machine, `process:${pid}`);
        expectPlacesLead(machine, of);
        for (const object of of.objects) expect(linked(machine, `object:${object}`).processes).toContain(pid);
      }
    });

    test('an address: the same as its frame, and what it is in', () => {
      for (const { pid, vpn, pfn } of mappedPages(machine)) {
        const address = pageAddress(machine.platform.layout, vpn) + 5n;
        const of = linkedOf(machine, { kind: 'address', address, pid });
        const ofFrame = linked(machine, `frame:${pfn}`);
        expect(of.address).toBe(address);
        expect(of.frames).toEqual([{ start: pfn, end: pfn + 1 }]);
        expect(of.places).toEqual(expect.arrayContaining([...ofFrame.places]));
        expect(of.places.some(({ start, end }) => start <= address && address < end)).toBe(true);
      }
    });
  });
});
