/** nopse and nopge: a kernel whose pages are all small, or none of which stays in the TLBs for good. */
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import { KERNEL_MODE, READ } from '../../../core/event/access-mode.ts';
import { buildLayout, directMap, directMapPages, pageTableDump } from '../../../core/layout/catalog/index.ts';
import { atDepth } from '../../support/depth.ts';
import { access, ioremap, kmalloc, Session } from '../../support/rows.ts';

const NAMES = ['linux-3g1g', 'linux-3g1g-pae', 'linux-1g3g', 'linux-2g2g-nohighmem'];

describe.each(NAMES.slice(0, atDepth({ quick: 2, full: NAMES.length })))('%s', (name) => {
  const options = { ramBytes: 512n << 20n };
  const usual = buildLayout(name, options);
  const small = buildLayout(name, { ...options, nopse: true });
  const local = buildLayout(name, { ...options, nopge: true });

  test('nopse: the same frames with the same rights, in base pages', () => {
    const rightsOf = (layout: typeof usual) =>
      directMap(layout).flatMap(({ startPfn, endPfn, writable, executable }) =>
        Array.from({ length: endPfn - startPfn }, (_, i) => `${startPfn + i} ${writable} ${executable}`),
      );
    expect(directMap(small).every(({ pageFrames }) => pageFrames === 1)).toBe(true);
    expect(rightsOf(small)).toEqual(rightsOf(usual));
    const [base, ...large] = directMapPages(small);
    expect(large.map(({ pages }) => pages)).toEqual(large.map(() => 0));
    expect(base!.pages).toBe(
      directMap(small).reduce((sum, { startPfn, endPfn }) => sum + endPfn - startPfn, 0),
    );
  });

  test('the listing of page tables has no PSE in the direct map, or no GLB anywhere', () => {
    const attributes = (layout: typeof usual, part?: string) =>
      pageTableDump(layout)
        .filter((one) => part === undefined || one.name === part)
        .flatMap(({ ranges }) => ranges.map((range) => range.attributes));
    const direct = 'Kernel Mapping';
    expect(attributes(usual, direct).some((text) => text.includes('PSE'))).toBe(true);
    expect(attributes(small, direct).some((text) => text.includes('PSE'))).toBe(false);
    expect(attributes(usual).some((text) => text.includes('GLB'))).toBe(true);
    expect(attributes(local).some((text) => text.includes('GLB'))).toBe(false);
  });

  test('machines of both are sound, and the tables of small pages cost memory', () => {
    const tables = [usual, small, local].map((layout) => {
      const machine = bootMachine(layout);
      expect(checkMachine(machine)).toEqual([]);
      return new Session(machine).counter('pageTablePages');
    });
    expect(tables[1]!).toBeGreaterThan(tables[0]!);
    expect(tables[2]).toBe(tables[0]);
  });

  test('nopge: without PCID a switch leaves nothing in the TLBs', () => {
    const walksAfterSwitch = (layout: typeof usual): number => {
      const session = new Session(bootMachine(layout, { mmu: { pcid: false } })).given(
        kmalloc(1, 64),
        { kind: 'spawn', pid: 1 },
        { kind: 'spawn', pid: 2 },
        { kind: 'switch', pid: 1 },
        { kind: 'switch', pid: 2 },
        access(1, 0, 8, READ | KERNEL_MODE),
      );
      const before = session.counter('walks');
      session.given({ kind: 'switch', pid: 1 }, access(1, 0, 8, READ | KERNEL_MODE));
      return session.counter('walks') - before;
    };
    expect([walksAfterSwitch(usual), walksAfterSwitch(local)]).toEqual([0, 1]);
  });

  test('nopse: device memory is mapped in base pages', () => {
    const step = ioremap(1, 4 << 20, 0xf0000000 / 4096);
    const tables = [usual, small].map((layout) => {
      const session = new Session(bootMachine(layout));
      const before = session.counter('pageTablePages');
      expect(session.status(step)).toBe('ok');
      return session.counter('pageTablePages') - before;
    });
    expect(tables[1]!).toBeGreaterThanOrEqual(tables[0]!);
  });
});
