/** The walk as it is drawn, against what explain tells in words. */
import { describe, expect, test } from 'vitest';
import { explainAddress } from '../../../../core/explain/explain.ts';
import { pageAddress } from '../../../../core/layout/regions.ts';
import { walkModelOf } from '../../../../replay/page/models/walk.ts';
import { DISTINCT_LAYOUTS } from '../../../support/distinct-layouts.ts';
import { access, machineOf, mmap, PAGE, RUNNING, Session } from '../../../support/rows.ts';

describe.each(DISTINCT_LAYOUTS.map(({ name }) => name))('%s', (name) => {
  const session = new Session(machineOf(name, 256)).given(...RUNNING);
  const { machine: before } = session;
  const pageBytes = 2 ** before.platform.layout.pageShift;
  session.given(mmap(1, 2 * pageBytes), access(1, 0, 8));
  const { machine } = session;
  const { layout } = machine.platform;
  const [vma] = machine.records.mms[machine.records.processes[1]!.mm]!.vmas;
  const user = pageAddress(layout, vma!.startVpn);
  const places = [user + 5n, user + BigInt(pageBytes), ...layout.regions.map(({ start }) => start + 0x123n)];

  test('the numbers are those of explain', () => {
    for (const address of places) {
      const { explained, rows } = walkModelOf(machine, address, 1);
      expect(explained).toEqual(explainAddress(machine, 'virtual', address, { pid: 1, caches: true }));
      expect(rows.map(({ table: _, field: __, leadsTo: ___, ...step }) => step)).toEqual(explained.walk);
    }
  });

  test('the fields are the bits of the address, and an index is bits of its field', () => {
    for (const address of places) {
      const { fields, rows } = walkModelOf(machine, address, 1);
      const word = address.toString(2).padStart(layout.arch.wordBits, '0');
      expect(fields.map(({ binary }) => binary).join('')).toBe(word);
      rows.forEach(({ field, index, level }, i) => {
        const { name, row, binary } = fields[field]!;
        expect([name, row]).toEqual([level, i]);
        // Of a table that several regions share, the region is in the index too.
        expect(index % 2 ** binary.length).toBe(Number.parseInt(binary, 2));
      });
    }
  });

  test('an entry lies in its table, and leads to the next one', () => {
    for (const address of places) {
      const { rows } = walkModelOf(machine, address, 1);
      rows.forEach(({ table, entryAddress, tablePfn, leadsTo, entry }, i) => {
        expect(entryAddress - table.address).toBeLessThan(BigInt(pageBytes));
        const next = rows[i + 1];
        if (next !== undefined) expect(leadsTo).toBe('table');
        if (next !== undefined && tablePfn !== undefined)
          expect(next.table.pfn - tablePfn).toBeGreaterThanOrEqual(0);
        if (entry === 0n) expect(leadsTo).toBe('nothing');
      });
    }
  });
});

describe('caches', () => {
  test('which TLB has the page, and where a walk would begin', () => {
    const session = new Session(machineOf('linux-x86_64', 256)).given(...RUNNING);
    const { vpn } = session.do(mmap(1, 4 * PAGE));
    session.given(access(1, 0, 8));
    const [cpu] = walkModelOf(session.machine, BigInt(vpn) * 4096n, 1).cpus;
    const hits = cpu!.parts.filter(({ hit }) => hit).map(({ name }) => name);
    expect([cpu!.cpu, hits, cpu!.beginsAt]).toEqual([0, ['l1d', 'l2', 'pdeCache'], 3]);
    expect(cpu!.parts.map(({ name }) => name)).toContain('l1i');
  });

  test('a page that nobody used: no hit, a walk from the root', () => {
    const session = new Session(machineOf('linux-x86_64', 256)).given(...RUNNING);
    session.given(mmap(1, 4 * PAGE), { kind: 'mlock', object: 1, offset: 0, length: 4 * PAGE });
    const [vma] = session.machine.records.mms[session.machine.records.processes[1]!.mm]!.vmas;
    const { cpus, rows } = walkModelOf(session.machine, BigInt(vma!.startVpn) * 4096n, 1);
    expect(rows.at(-1)!.leadsTo).toBe('page');
    for (const { parts, beginsAt } of cpus) {
      expect(parts.some(({ hit }) => hit)).toBe(false);
      expect(beginsAt).toBe(0);
    }
  });

  test('of a page that is not mapped nothing is known', () => {
    const session = new Session(machineOf('linux-x86_64', 256)).given(...RUNNING);
    const { cpus, rows, explained } = walkModelOf(session.machine, 0x1000n, 1);
    expect([cpus, rows.at(-1)!.leadsTo, explained.physical]).toEqual([[], 'nothing', undefined]);
  });
});

test('a large page: levels below it are its offset', () => {
  const machine = machineOf('linux-3g1g-pae', 512);
  const { fields, rows } = walkModelOf(machine, 0xc8000123n);
  expect(rows.map(({ level, leadsTo }) => [level, leadsTo])).toEqual([
    ['pgd', 'table'],
    ['pmd', 'page'],
  ]);
  expect(fields.map(({ name, row }) => [name, row])).toEqual([
    ['pgd', 0],
    ['pmd', 1],
    ['pte', undefined],
    ['offset', undefined],
  ]);
});

test('a number that is no address has no walk', () => {
  const { rows, fields, explained } = walkModelOf(machineOf('linux-x86_64', 256), 1n << 50n);
  expect([rows, fields, explained.type]).toEqual([[], [], 'none']);
});

test('the model can be sent to a worker', () => {
  const model = walkModelOf(machineOf('linux-3g1g', 256), 0xc1234567n);
  expect(structuredClone(model)).toEqual(model);
});
