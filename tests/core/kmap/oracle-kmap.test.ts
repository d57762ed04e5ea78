/** kmap, kmap_local and kmap_atomic as booted kernels did them, x86 and ARM: every row of every machine. */
import { describe, expect, test } from 'vitest';
import { GFP_HIGHUSER, GFP_KERNEL } from '../../../core/event/gfp.ts';
import {
  bootMachine,
  isVmallocAddress,
  kmapToPfn,
  type Layout,
  pageAddressOf,
  va,
  virtAddrValid,
} from '../../../core/index.ts';
import { pageAddress } from '../../../core/layout/regions.ts';
import { type BootedMachine, bootedMachines } from '../../captures/booted-machines.ts';
import type { CapturedMachine } from '../../captures/captured-machine.ts';
import { pages, type Result, Session } from '../../support/rows.ts';

const machines = bootedMachines();

/** Pages that the probe maps in a row. */
const countOf = ({ kmap_result }: CapturedMachine): number => kmap_result?.[0]?.count ?? 0;

describe.each(machines)('$id', ({ oracle, layout }) => {
  test('a low memory page has its logical address', () => {
    const machine = bootMachine(layout);
    const { addr, pfn, kind } = oracle.kmap[0]!;
    expect(kind).not.toBe('highmem');
    expect(va(layout, BigInt(pfn) << BigInt(layout.pageShift))).toBe(BigInt(addr));
    expect(pageAddressOf(machine, Number(pfn))).toBe(BigInt(addr));
    const session = new Session(machine);
    const { vpn } = session.do(pages(1, 0, GFP_KERNEL));
    expect(session.do({ kind: 'kmap', object: 1, page: 0 })).toMatchObject({
      vpn,
      address: 'kernel-logical',
    });
  });

  test('what there is no high memory for is said to be so', () => {
    const { kmap_local = [{ kind: 'no_highmem_config' }] } = oracle;
    expect(kmap_local.some(({ kind }) => kind === 'no_highmem_config')).toBe(layout.pkmap === undefined);
    const hasHighmem = layout.highstartPfn !== undefined && layout.highstartPfn < layout.maxPfn;
    expect(countOf(oracle) > 0).toBe(hasHighmem);
  });
});

/** The probe over again: object `n + 1` is its page `n` of high memory. */
class Probe {
  readonly session: Session;
  readonly count: number;
  /** Addresses that kmap() gave, by page. */
  readonly given: string[];
  private readonly layout: Layout;

  constructor({ oracle, layout }: BootedMachine) {
    this.layout = layout;
    this.count = countOf(oracle);
    this.session = new Session(bootMachine(layout));
    this.session.given(...Array.from({ length: this.count }, (_, n) => pages(n + 1, 0, GFP_HIGHUSER)));
    // The page that had been mapped before, alone, has the first slot still, whenever its turn comes.
    const { lowest } = oracle.kmap_result![0]!;
    const found = oracle.kmap.find(({ addr, n }) => n !== undefined && addr === lowest);
    const first = found?.n ?? oracle.kmap.length; // rows are those of the first few pages
    this.kmap(first);
    this.kunmap(first);
    this.given = Array.from({ length: this.count }, (_, n) => this.kmap(n));
  }

  kmap(n: number): string {
    return this.addressOf(this.session.do({ kind: 'kmap', object: n + 1, page: 0 }));
  }

  kunmap(n: number): void {
    this.session.given({ kind: 'kunmap', object: n + 1, page: 0 });
  }

  /** What kmap_local() gives for some pages, nested. */
  kmapLocal(cpu: number, ...of: readonly { object: number; page: number }[]): string[] {
    const given = of.map((page) => this.addressOf(this.session.do({ kind: 'kmap_local', ...page, cpu })));
    for (const page of of.toReversed()) this.session.given({ kind: 'kunmap_local', ...page, cpu });
    return given;
  }

  private addressOf({ status, vpn }: Result): string {
    expect(status).toBe('ok');
    return `0x${pageAddress(this.layout, vpn).toString(16)}`;
  }
}

const page = (n: number) => ({ object: n + 1, page: 0 });

describe.each(machines.filter(({ oracle }) => countOf(oracle) > 0))('$id: high memory', (booted) => {
  const { oracle, layout } = booted;
  const probe = new Probe(booted);
  const { count, given } = probe;

  test(`kmap: ${count} pages, and each again`, () => {
    const { lowest, highest } = oracle.kmap_result![0]!;
    expect([given.toSorted()[0], given.at(-1)]).toEqual([lowest, highest]);
    for (const { n, addr, pkmap_nr } of oracle.kmap.slice(1)) {
      expect(given[n!]).toBe(addr);
      expect(Number(BigInt(addr) - layout.pkmap!.base) / 4096).toBe(pkmap_nr);
    }
    const [whileMapped] = oracle.kmap_again_while_mapped!;
    expect(probe.kmap(given.indexOf(whileMapped!.first))).toBe(whileMapped!.second);
    const [afterUnmap] = oracle.kmap_again_after_kunmap!;
    const n = given.indexOf(afterUnmap!.first);
    probe.kunmap(n);
    expect(probe.kmap(n)).toBe(afterUnmap!.second);
    checkAnswers(layout, probe.session, oracle);
  });

  const rowOf = (kind: string) => oracle.kmap_local!.find((row) => row.kind === kind)!;
  const { cpu: captured, ...nested } = rowOf('nested');
  const cpu = Number(captured);
  const last = [1, 2, 3, 4].map((back) => page(count - back));

  test('kmap_local: the address of kmap() where the kernel takes that, else slots of the cpu downwards', () => {
    const { addr, kmapaddr } = rowOf('highmem_already_kmapped');
    expect(probe.kmapLocal(cpu, page(given.indexOf(kmapaddr!)))).toEqual([addr]);
    const addresses = [nested.a0, nested.a1, nested.a2, nested.a3].filter((one) => one !== undefined);
    expect(probe.kmapLocal(cpu, ...last.slice(0, addresses.length))).toEqual(addresses);
    expect(probe.kmapLocal(cpu, last[1]!)).toEqual([rowOf('reuse').addr]);
    expect(probe.kmapLocal(cpu, last[0]!)).toEqual([oracle.kmap_atomic![0]!.addr]);
  });

  test('kmap_local of low memory is its logical address', () => {
    const low = 2 * count;
    const { pfn } = probe.session.do(pages(low, 0, GFP_KERNEL));
    const logical = va(layout, BigInt(pfn) << BigInt(layout.pageShift));
    expect(probe.kmapLocal(cpu, { object: low, page: 0 })).toEqual([`0x${logical.toString(16)}`]);
    const theirs = BigInt(nested.lowmem ?? rowOf('lowmem').addr!);
    expect(virtAddrValid(layout, theirs)).toBe(true);
  });

  test('kmap_local of pages that never had a kmap: slots of the cpu, from the first one each time', () => {
    const { kmap_local_fresh: fresh = [], kmap_local_fresh_reuse: reuse = [] } = oracle;
    const block = 3 * count;
    probe.session.given(pages(block, 5, GFP_HIGHUSER));
    const untouched = fresh.map((_, n) => ({ object: block, page: n }));
    expect(probe.kmapLocal(cpu, ...untouched)).toEqual(fresh.map(({ addr }) => addr));
    for (const { addr } of reuse) expect(probe.kmapLocal(cpu, untouched[0]!)).toEqual([addr]);
  });
});

/** The kernel's tests of the address of a slot. */
function checkAnswers(layout: Layout, { machine }: Session, oracle: CapturedMachine): void {
  for (const row of oracle.kmap_checks!) {
    const slot = BigInt(row.addr);
    expect(isVmallocAddress(layout, slot)).toBe(row.is_vmalloc === 1);
    expect(virtAddrValid(layout, slot)).toBe(row.virt_addr_valid === 1);
    const pfn = kmapToPfn(machine, slot)!;
    expect(row.kmap_to_page_ok ?? 1).toBe(1);
    expect(`0x${pageAddressOf(machine, Number(pfn))!.toString(16)}`).toBe(row.page_address);
  }
}
