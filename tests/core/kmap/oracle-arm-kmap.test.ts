/** kmap and kmap_local as booted ARM kernels did them: below PAGE_OFFSET, and one address for both where they share it. */
import { describe, expect, test } from 'vitest';
import { GFP_HIGHUSER } from '../../../core/event/gfp.ts';
import { bootMachine, buildLayout } from '../../../core/index.ts';
import { pageAddress } from '../../../core/layout/regions.ts';
import { armLayoutName, armMachines, armOptions } from '../../captures/arm-machines.ts';
import { pages, type Result, Session } from '../../support/rows.ts';

const machines = armMachines()
  .filter(({ kmap_result }) => kmap_result !== undefined && kmap_result[0]!.count > 0)
  .map((machine) => [machine.id, machine] as const);

test('there are machines with high memory', () => {
  expect(machines.length).toBeGreaterThan(0);
});

describe.each(machines)('%s', (_id, oracle) => {
  const layout = buildLayout(armLayoutName(oracle), armOptions(oracle));
  const machine = bootMachine(layout);
  const address = ({ vpn }: Result): string => `0x${pageAddress(layout, vpn).toString(16)}`;

  test('kmap: slots ascend from the second one, as many as the probe took, and a page keeps its own', () => {
    const session = new Session(machine);
    const { count, lowest, highest } = oracle.kmap_result![0]!;
    const given: string[] = [];
    for (let object = 1; object <= count; object++) {
      session.given(pages(object, 0, GFP_HIGHUSER));
      given.push(address(session.do({ kind: 'kmap', object, page: 0 })));
    }
    expect([given[0], given.at(-1)]).toEqual([lowest, highest]);
    expect(address(session.do({ kind: 'kmap', object: 3, page: 0 }))).toBe(given[2]);
  });

  test('kmap_local: the address of kmap() where the kernel takes that, else slots of the cpu downwards', () => {
    const nested = oracle.kmap_local!.find(({ kind }) => kind === 'nested')!;
    const cpu = Number(nested.cpu);
    const session = new Session(machine).given(pages(1, 3, GFP_HIGHUSER));
    const kmapped = address(session.do({ kind: 'kmap', object: 1, page: 0 }));
    const map = (page: number): string => address(session.do({ kind: 'kmap_local', object: 1, page, cpu }));
    const first = map(0);
    session.given({ kind: 'kunmap_local', object: 1, page: 0, cpu });
    const row = oracle.kmap_local!.find(({ kind }) => kind === 'highmem_already_kmapped')!;
    expect(first === kmapped).toBe(row.addr === row.kmapaddr);
    // Where kernels share addresses the probe's pages all had one; the others tell where slots lie.
    const isFresh = row.addr !== row.kmapaddr;
    const slots = isFresh
      ? [nested.a0, nested.a1, nested.a2]
      : oracle.kmap_local_fresh?.slice(0, 3).map(({ addr }) => addr);
    if (slots !== undefined) expect([map(1), map(2), map(3)]).toEqual(slots);
  });
});
