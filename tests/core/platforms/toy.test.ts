/** An architecture and a kernel as records: a machine that nobody has built boots and runs. */
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import { KERNEL_MODE, READ, WRITE } from '../../../core/event/access-mode.ts';
import { explainAddress } from '../../../core/explain/explain.ts';
import { buildOwnLayout } from '../../../core/layout/catalog/index.ts';
import { pa, pfnValid, va, virtAddrValid } from '../../../core/layout/convert.ts';
import { machineBytes } from '../../../core/machine/codec.ts';
import { nrFree } from '../../../core/phys/free-lists.ts';
import { WORKLOADS } from '../../../workloads/index.ts';
import { expectDeterminism, replay } from '../../support/laws.ts';
import { access, HIGH, mmap, munmap, RUNNING, Session, vmalloc } from '../../support/rows.ts';
import { BASE, MIB, member, TOY_GROUND, TOY_KERNEL, TOY_PLAN, toyLayout } from './toy.ts';

describe('a toy architecture under a toy kernel, RAM at 0x80000000', () => {
  const toy = (): Session => new Session(bootMachine(toyLayout()));

  test('zones and conversions begin at the first frame', () => {
    const layout = toyLayout();
    expect(layout.zones).toEqual([
      { name: 'Normal', startPfn: 0x80000, spannedPages: 12_288, presentPages: 12_288 },
      { name: 'HighMem', startPfn: 0x83000, spannedPages: 4096, presentPages: 4096 },
    ]);
    expect([pa(layout, 0xc000_1000n), va(layout, BASE + 0x1000n)]).toEqual([BASE + 0x1000n, 0xc000_1000n]);
    expect([0x7ffffn, 0x80000n, 0x83fffn, 0x84000n].map((pfn) => pfnValid(layout, pfn))).toEqual([
      ...[false, true, true, false],
    ]);
    expect([0xbfff_ffffn, 0xc000_0000n].map((at) => virtAddrValid(layout, at))).toEqual([false, true]);
  });

  test('sections map the direct map, and page tables come in pairs', () => {
    const { machine } = toy();
    expect(checkMachine(machine)).toEqual([]);
    const first = explainAddress(machine, 'virtual', 0xc020_0000n, {});
    expect(first.walk.map(({ level, page }) => [level, page?.bytes])).toEqual([['first', 2 ** 20]]);
    expect(first.physical).toBe(BASE + 0x20_0000n);
    expect(first.pa).toMatchObject({ legal: true, reason: 'address - PAGE_OFFSET + PHYS_OFFSET' });
    // Present, large, writable and global: the last two are bits that are clear.
    expect(first.walk[0]!.entry & 0xfffn).toBe(0x22n);
    expect(explainAddress(machine, 'physical', 0x1000n, {}).frame?.memory).toBe('device');
  });

  test('two neighbouring MiB share the page of their tables, and give it back together', () => {
    const session = toy().given(...RUNNING);
    const before = session.counter('pageTablePages');
    // Down from 0xb0000000: the last page of one MiB, then of the one below it, which lie in different pairs.
    session.given(mmap(1, 4096), access(1, 0, 8, WRITE));
    expect(session.counter('pageTablePages')).toBe(before + 1);
    session.given(mmap(2, 2 ** 20), access(2, 0, 8, WRITE));
    expect(session.counter('pageTablePages')).toBe(before + 1);
    session.given(mmap(3, 2 ** 20), access(3, 0, 8, WRITE));
    expect(session.counter('pageTablePages')).toBe(before + 2);
    expect(checkMachine(session.machine)).toEqual([]);
    session.given(munmap(3, 0, 2 ** 20), munmap(2, 0, 2 ** 20));
    expect(session.counter('pageTablePages')).toBe(before + 1);
    session.given(munmap(1, 0, 4096));
    expect(session.counter('pageTablePages')).toBe(before);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('the root of a process takes four pages, and fork copies what both tables of a pair map', () => {
    const session = toy();
    const before = session.counter('pageTablePages');
    session.given(...RUNNING);
    expect(session.counter('pageTablePages')).toBe(before + 4);
    session.given(mmap(1, 2 ** 20 + 4096), access(1, 0, 8, WRITE), access(1, 2 ** 20, 8, WRITE));
    session.given({ kind: 'fork', pid: 2 });
    expect(checkMachine(session.machine)).toEqual([]);
    expect(session.do(access(1, 0, 8, WRITE)).fault).toBe('copy-on-write');
    session.given({ kind: 'switch', pid: 2 }, { kind: 'exit' }, { kind: 'switch', pid: 1 }, { kind: 'exit' });
    expect(session.counter('pageTablePages')).toBe(before);
  });

  test('the kernel decides: guard pages, the largest block, kmalloc sizes, entries brought by faults', () => {
    const session = toy().given(...RUNNING, vmalloc(1, 4096), vmalloc(2, 4096));
    const [a, b] = [1, 2].map((object) => session.machine.objects.get(object, 1));
    expect(b! - a!).toBe(1 + 3);
    expect(session.status({ kind: 'page_alloc', object: 3, order: 5, gfp: 0xcc0 })).toBe('ok');
    expect(session.status({ kind: 'page_alloc', object: 4, order: 6, gfp: 0xcc0 })).toBe('too-large');
    const names = session.machine.platform.kmallocCaches.map(({ name }) => name);
    expect(names.filter((name) => /^kmalloc-\d/.test(name))).toEqual([
      ...['kmalloc-64', 'kmalloc-128', 'kmalloc-192', 'kmalloc-256', 'kmalloc-512'],
      ...['kmalloc-1k', 'kmalloc-2k', 'kmalloc-4k', 'kmalloc-8k'],
    ]);
    const faults = session.counter('vmallocFaults');
    session.given(access(1, 0, 8, READ | KERNEL_MODE));
    expect(session.counter('vmallocFaults')).toBe(faults + 1);
  });

  test('blocks of more than 4 MiB, where the kernel has them', () => {
    const kernel = { ...TOY_KERNEL, maxOrder: 14 };
    const toyMember = member('toy', TOY_GROUND, kernel, TOY_PLAN);
    const layout = buildOwnLayout(toyMember, { ramBytes: 128n * MIB });
    const session = new Session(bootMachine(layout));
    const blocks = (order: number): number => nrFree(session.machine, 1, order);
    expect([11, 12, 13].map(blocks)).toEqual([0, 1, 2]);
    session.given({ kind: 'page_alloc', object: 1, order: 12, gfp: HIGH });
    session.given({ kind: 'page_alloc', object: 2, order: 12, gfp: HIGH });
    expect([12, 13].map(blocks)).toEqual([1, 1]);
    expect(checkMachine(session.machine)).toEqual([]);
    session.given({ kind: 'page_free', object: 1 }, { kind: 'page_free', object: 2 });
    expect([12, 13].map(blocks)).toEqual([1, 2]);
  });

  test('two asids: the third address space takes the place of the first', () => {
    const session = toy();
    for (const pid of [1, 2, 3]) session.given({ kind: 'spawn', pid });
    const flushes = (pid: number): number => {
      const before = session.counter('tlbFlushes');
      session.given({ kind: 'switch', pid });
      session.given(mmap(pid, 4096), access(pid, 0, 8, WRITE));
      return session.counter('tlbFlushes') - before;
    };
    expect([1, 2, 3].map(flushes)).toEqual([0, 0, 1]);
  });

  test.each(WORKLOADS)('$name runs, and the machine stays whole', (workload) => {
    const events = [...workload.generate(5, {}, 3000)];
    const { machine } = replay(bootMachine(toyLayout()), events, 500);
    expect(checkMachine(machine)).toEqual([]);
  });

  test('it is deterministic, in batches of any size', () => {
    expectDeterminism(() => bootMachine(toyLayout()), [...WORKLOADS[0]!.generate(2, {}, 2000)]);
  });

  test('what has no name in a table is not written to bytes', () => {
    expect(() => machineBytes(toy().machine)).toThrow(/found architecture toy under kernel toy-1.0/);
  });
});
