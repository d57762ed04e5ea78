/** kmap, kmap_local and kmap_atomic as booted kernels did them: every row of every machine. */
import { describe, expect, test } from 'vitest';
import { GFP_HIGHUSER, GFP_KERNEL } from '../../../core/event/gfp.ts';
import {
  bootMachine,
  buildLayout,
  isVmallocAddress,
  kmapToPfn,
  type Layout,
  pageAddressOf,
  va,
  virtAddrValid,
} from '../../../core/index.ts';
import { pageAddress } from '../../../core/layout/regions.ts';
import type { OracleMachine } from '../../captures/oracle-machine.ts';
import { layoutNameOf, optionsOf, oracleMachines } from '../../captures/oracle-machines.ts';
import { pages, type Result, Session } from '../../support/rows.ts';

const machines = oracleMachines().map((oracle) => [oracle.id, oracle] as const);

describe.each(machines)('%s', (_id, oracle) => {
  const layout = buildLayout(layoutNameOf(oracle), optionsOf(oracle));
  const machine = bootMachine(layout);
  const count = oracle.kmap_result[0]?.count ?? 0;
  const address = ({ vpn }: Result): string => hexOf(pageAddress(layout, vpn));

  test('a low memory page has its logical address', () => {
    const { addr, pfn, kind } = oracle.kmap[0]!;
    expect(kind).not.toBe('highmem');
    expect(va(layout, BigInt(pfn) << 12n)).toBe(BigInt(addr));
    expect(pageAddressOf(machine, Number(pfn))).toBe(BigInt(addr));
    const session = new Session(machine);
    const { vpn } = session.do(pages(1, 0, GFP_KERNEL));
    expect(session.do({ kind: 'kmap', object: 1, page: 0 })).toMatchObject({
      vpn,
      address: 'kernel-logical',
    });
  });

  if (count > 0)
    test(`kmap: ${count} pages, and each again`, () => {
      const session = new Session(machine);
      const given: string[] = [];
      for (let object = 1; object <= count; object++) {
        session.given(pages(object, 0, GFP_HIGHUSER));
        given.push(address(session.do({ kind: 'kmap', object, page: 0 })));
      }
      const { lowest, highest } = oracle.kmap_result[0]!;
      expect([given[0], given.at(-1)]).toEqual([lowest, highest]);
      for (const { n, addr, pkmap_nr } of oracle.kmap.slice(1)) {
        expect(given[n!]).toBe(addr);
        expect(Number(BigInt(addr) - layout.pkmap!.base) / 4096).toBe(pkmap_nr);
      }
      const [whileMapped] = oracle.kmap_again_while_mapped;
      const third = given.indexOf(whileMapped!.first) + 1;
      expect(address(session.do({ kind: 'kmap', object: third, page: 0 }))).toBe(whileMapped!.second);
      const [afterUnmap] = oracle.kmap_again_after_kunmap;
      session.given({ kind: 'kunmap', object: 1, page: 0 });
      expect(address(session.do({ kind: 'kmap', object: 1, page: 0 }))).toBe(afterUnmap!.second);
      checkAnswers(layout, session, oracle);
    });

  const nested = oracle.kmap_local.find(({ kind }) => kind === 'nested');
  if (nested !== undefined)
    test('kmap_local and kmap_atomic: slots of the cpu, downwards', () => {
      const cpu = Number(nested!.cpu);
      const session = new Session(machine).given(pages(1, 2, GFP_HIGHUSER), pages(2, 0, GFP_KERNEL), {
        kind: 'kmap',
        object: 1,
        page: 0,
      });
      const map = (page: number): string => address(session.do({ kind: 'kmap_local', object: 1, page, cpu }));
      const unmap = (page: number): unknown => session.given({ kind: 'kunmap_local', object: 1, page, cpu });
      // A kmap of the page makes no difference.
      expect(map(0)).toBe(oracle.kmap_local.find(({ kind }) => kind === 'highmem_already_kmapped')!.addr);
      unmap(0);
      expect([map(1), map(2), map(3)]).toEqual([nested!.a0, nested!.a1, nested!.a2]);
      const low = session.do({ kind: 'kmap_local', object: 2, page: 0, cpu });
      expect(low.vpn - Number(layout.pageOffset >> 12n)).toBe(low.pfn);
      expect(BigInt(nested!.lowmem!)).toBe(va(layout, BigInt(nested!.lowmem!) - layout.pageOffset));
      for (const page of [3, 2, 1]) unmap(page);
      expect(map(1)).toBe(oracle.kmap_local.find(({ kind }) => kind === 'reuse')!.addr);
      unmap(1);
      expect(map(2)).toBe(oracle.kmap_atomic[0]!.addr);
    });

  test('what there is no high memory for is said to be so', () => {
    const isShown = oracle.kmap_local.some(({ kind }) => kind === 'no_highmem_config');
    expect(isShown).toBe(layout.pkmap === undefined);
    const hasHighmem = layout.highstartPfn !== undefined && layout.highstartPfn < layout.maxPfn;
    expect(count > 0).toBe(hasHighmem);
  });
});

/** The kernel's tests of the address of a slot. */
function checkAnswers(layout: Layout, { machine }: Session, oracle: OracleMachine): void {
  for (const row of oracle.kmap_checks) {
    const slot = BigInt(row.addr);
    expect(isVmallocAddress(layout, slot)).toBe(row.is_vmalloc === 1);
    expect(virtAddrValid(layout, slot)).toBe(row.virt_addr_valid === 1);
    const pfn = kmapToPfn(machine, slot)!;
    expect(row.kmap_to_page_ok).toBe(1);
    expect(hexOf(pageAddressOf(machine, Number(pfn))!)).toBe(row.page_address);
  }
}

function hexOf(address: bigint): string {
  return `0x${address.toString(16)}`;
}
