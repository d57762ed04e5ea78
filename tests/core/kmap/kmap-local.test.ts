/** kmap_local against stacks of slots, one a cpu. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { KERNEL_MODE } from '../../../core/event/access-mode.ts';
import { kmapLocalVpnOf } from '../../../core/kmap/kmap-local.ts';
import { pageNumber } from '../../../core/layout/regions.ts';
import { findLeaf } from '../../../core/paging/table-walk.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import { NaiveKmapLocal } from '../../models/naive-windows.ts';
import { access, HIGH, machineOf, pages, Session } from '../../support/rows.ts';

const machine = machineOf('linux-3g1g-pae', 1400, { cpus: 3 });
const start = new Session(machine).given(pages(1, 2, HIGH), pages(2, 0, HIGH)).machine;
const { layout } = machine.platform;

const step = fc.record({
  cpu: fc.nat(2),
  kind: fc.constantFrom('kmap_local', 'kmap_local', 'kunmap_local', 'access'),
  which: fc.nat(4),
});

test('random maps and unmaps take the slots that the kernel would', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const session = new Session(start);
      // FIX_KMAP_BEGIN is the last of the fixmap's 68 other pages (with 64 IO-APICs) below FIXADDR_TOP.
      const first = pageNumber(layout, layout.fixmap.end) - 68;
      const cpus = [0, 1, 2].map((cpu) => new NaiveKmapLocal(first - 16 * cpu));
      for (const { cpu, kind, which } of steps) {
        const [object, page] = which < 4 ? [1, which] : [2, 0];
        const pfn = start.objects.get(object, OBJECT.pfn) + page;
        const naive = cpus[cpu]!;
        if (kind === 'access') {
          const status = naive.stack.includes(pfn) ? 'ok' : 'high-page';
          const mode = KERNEL_MODE;
          expect(session.status({ ...access(object, page * 4096, 8, mode), cpu })).toBe(status);
        } else if (kind === 'kmap_local') {
          const vpn = naive.map(pfn);
          const expected = vpn === undefined ? { status: 'kmap-local-slots' } : { status: 'ok', vpn, pfn };
          expect(session.do({ kind, object, page, cpu })).toMatchObject(expected);
        } else expect(session.status({ kind: 'kunmap_local', object, page, cpu })).toBe(naive.unmap(pfn));
      }
      expect(checkMachine(session.machine)).toEqual([]);
    }),
    { numRuns: 12 },
  );
});

test('a slot that is unmapped maps nothing, on this cpu only: the others never had it', () => {
  const session = new Session(start);
  const kmapLocal = (page: number) => ({ kind: 'kmap_local', object: 1, page }) as const;
  const read = (page: number, cpu = 0) => ({ ...access(1, page * 4096, 8, KERNEL_MODE), cpu });
  session.given({ ...kmapLocal(0), cpu: 1 }, read(0, 1));
  const { vpn } = session.do(kmapLocal(0));
  session.given(read(0));
  const flushes = session.counter('tlbFlushes');
  session.given({ kind: 'kunmap_local', object: 1, page: 0 });
  expect(session.counter('tlbFlushes')).toBe(flushes + 1);
  expect(findLeaf(session.machine, session.machine.platform.kernelRoot, vpn).pte).toBe(0);
  expect(session.do(kmapLocal(3)).vpn).toBe(vpn);
  expect(session.do(read(3)).tlb).toBe('walk');
  expect(session.do(read(0, 1)).tlb).toBe('l1');
});

test('a page that is mapped twice is reached through the newer slot', () => {
  const session = new Session(start);
  const slots = [0, 0].map((page) => session.do({ kind: 'kmap_local', object: 1, page }).vpn);
  const pfn = start.objects.get(1, OBJECT.pfn);
  expect(kmapLocalVpnOf(session.machine, 0, pfn)).toBe(slots[1]);
  session.given({ kind: 'kunmap_local', object: 1, page: 0 });
  expect(kmapLocalVpnOf(session.machine, 0, pfn)).toBe(slots[0]);
});
