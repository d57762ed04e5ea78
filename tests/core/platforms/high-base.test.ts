/** A layout file whose physical memory begins above 0. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import { explainAddress } from '../../../core/explain/explain.ts';
import {
  buildCustomLayout,
  exportLayout,
  type Layout,
  parseLayoutFile,
} from '../../../core/layout/catalog/index.ts';
import { VIEWS } from '../../../replay/views/index.ts';
import { WORKLOADS } from '../../../workloads/index.ts';
import { replay } from '../../support/laws.ts';
import { device, dmaMap, kmalloc, Session } from '../../support/rows.ts';
import { BASE, MIB } from './toy.ts';

describe('a layout file whose physical memory begins at 0x80000000', () => {
  const BOARD = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../fixtures/layouts/board.json'), 'utf8'),
  );
  const file = (changes: object) => JSON.stringify({ ...BOARD, zones: [], physicalBase: '2G', ...changes });
  const layoutOf = (text: string, mib = 128n): Layout =>
    buildCustomLayout(parseLayoutFile(text, 'board.json'), { ramBytes: mib * MIB, cpus: 2 });

  test('RAM, zones, kernel image and direct map lie there', () => {
    const layout = layoutOf(file({}));
    expect(layout.ram).toEqual([{ start: BASE, end: BASE + 128n * MIB }]);
    expect(layout.zones).toEqual([
      { name: 'Normal', startPfn: 0x80000, spannedPages: 32_768, presentPages: 32_768 },
    ]);
    expect(layout.highMemory).toBe(0xa000_0000n + 128n * MIB);
    expect(layout.kernelImage.start).toBe(BASE + MIB);
    const large = layoutOf(file({}), 1100n);
    expect(large.highstartPfn).toBe(0x80000 + 1032 * 256);
    expect(layoutOf(JSON.stringify(exportLayout(layout)))).toEqual(layout);
  });

  test.each(WORKLOADS)('$name runs, and views, explanations and devices know where memory is', (workload) => {
    const events = [...workload.generate(1, {}, 4000)];
    const { machine } = replay(bootMachine(layoutOf(file({}))), events, 1000);
    expect(checkMachine(machine)).toEqual([]);
    for (const view of VIEWS.filter(({ name }) => name !== 'kernel_page_tables'))
      expect(view.text(machine)).not.toMatch(/NaN|undefined/);
    const { physical, frame } = explainAddress(machine, 'virtual', 0xa000_2000n, {});
    expect([physical, frame?.pfn, frame?.zone]).toEqual([BASE + 0x2000n, 0x80002, 'Normal']);
  });

  test('a device of 31 address bits reaches none of it, one of 32 all', () => {
    const session = new Session(bootMachine(layoutOf(file({}))));
    expect(session.status(device(1, 31))).toBe('bad-dma-mask');
    session.given(device(2, 32), kmalloc(1, 512));
    expect(session.status(dmaMap('single', 1, 2, 0, 512))).toBe('ok');
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test.each([
    ['inside a page', { physicalBase: '0x80000800' }, 'physicalBase: found 0x80000800, expected a multiple'],
    [
      'above RAM that the file has',
      { memoryMap: [{ start: '16M', end: '64M' }] },
      'RAM at 0x1000000..0x4000000 lies below 0x80000000, where physical memory begins',
    ],
  ])('refused: %s', (_what, changes, message) => {
    const built = () => buildCustomLayout(parseLayoutFile(file(changes), 'board.json'), { cpus: 2 });
    expect(built).toThrow(message);
  });
});
