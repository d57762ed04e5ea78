/** Versions of Linux: how they are read, which era each belongs to, and what booted kernels of several said of themselves. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../core/base/errors.ts';
import { inEra } from '../../../core/kernel/eras.ts';
import {
  isKernelVersion,
  kernelNamed,
  knownVersion,
  linuxKernel,
  uncheckedText,
} from '../../../core/kernel/linux.ts';
import { LINUX_6_1 } from '../../../core/kernel/linux-6.1.ts';
import { isSince, parseVersion, versionText } from '../../../core/kernel/version.ts';
import { buildOfFixmap, permanentPages, windows32 } from '../../../core/kernel/x86-windows-32.ts';
import { windows64 } from '../../../core/kernel/x86-windows-64.ts';
import { buildLayout, type LayoutOptions } from '../../../core/layout/catalog/index.ts';

const version = (text: string) => parseVersion(text)!;
const mib = (count: number): bigint => BigInt(count) << 20n;

describe('versions', () => {
  test.each([
    ['2.6.20', '2.6.20'],
    ['2.6.32-5-686-bigmem', '2.6.32'],
    ['3.12.0-rc4', '3.12'],
    ['6.1.0-50-armmp', '6.1'],
    ['v5.15', '5.15'],
    ['7.1.3', '7.1'],
  ])('%s is Linux %s', (text, name) => {
    expect(versionText(version(text))).toBe(name);
    expect(isKernelVersion(text)).toBe(true);
  });

  test.each(['', '6', 'six', '2.4.37', '8.0', '6.x', '1234.5'])('%j is none that vmsplit knows', (text) => {
    expect(knownVersion(text)).toBeUndefined();
    expect(() => kernelNamed(text)).toThrow(UsageError);
  });

  const any = fc.record({
    major: fc.integer({ min: 2, max: 7 }),
    minor: fc.integer({ min: 0, max: 40 }),
    patch: fc.integer({ min: 0, max: 300 }),
  });

  test('of two versions one is the later, and releases of stable count as what they mend', () => {
    fc.assert(
      fc.property(any, any, (a, b) => {
        expect(isSince(a, b) || isSince(b, a)).toBe(true);
        if (isSince(a, b) && isSince(b, a)) expect(versionText(a)).toBe(versionText(b));
        if (a.major >= 3) expect(isSince({ ...a, patch: 0 }, a)).toBe(true);
      }),
    );
  });

  test('an era lasts until the next begins; the oldest stands for all before', () => {
    const eras = [
      { since: '4.15', value: 'new', source: '' },
      { since: '2.6.27', value: 'old', source: '' },
    ];
    const found = ['7.0', '4.15', '4.14', '2.6.27', '2.6.26'].map((text) => inEra(eras, version(text)));
    expect(found).toEqual(['new', 'new', 'old', 'old', 'old']);
  });
});

describe('the kernel of a version', () => {
  test('6.1 is the checked one, whichever release of it; every version is one object', () => {
    expect(kernelNamed('6.1.192')).toBe(LINUX_6_1);
    expect(linuxKernel(version('5.15.7'))).toBe(kernelNamed('5.15'));
  });

  test.each([
    // version, page 0 kept, start of vmalloc aligned, holes mapped, most KiB kept free, scale factor, guard pages
    ['2.6.20', false, true, true, 65_536, 0, 0],
    ['2.6.27', false, false, true, 65_536, 0, 0],
    ['2.6.33', false, false, true, 65_536, 0, 0],
    ['2.6.34', true, false, true, 65_536, 0, 0],
    ['3.8', true, false, true, 65_536, 0, 1],
    ['3.9', true, false, false, 65_536, 0, 1],
    ['4.5', true, false, false, 65_536, 0, 1],
    ['4.6', true, false, false, 65_536, 10, 1],
    ['4.12', true, false, false, 65_536, 10, 256],
    ['5.6', true, false, false, 65_536, 10, 256],
    ['5.7', true, false, false, 262_144, 10, 256],
    ['7.1', true, false, false, 262_144, 10, 256],
  ])('%s', (text, firstPage, aligned, holes, most, scale, guard) => {
    const { reservesFirstPage, vmalloc, mapsMemoryHoles, watermarks, userSpace } = kernelNamed(text);
    expect([
      reservesFirstPage,
      vmalloc.startIsAligned,
      mapsMemoryHoles,
      watermarks.minFreeKib.most,
      watermarks.scaleFactor,
      userSpace.stackGuardPages,
    ]).toEqual([firstPage, aligned, holes, most, scale, guard]);
  });

  test.each([
    // version, batch and high of a zone of a million pages with a low mark of 5,000, for 4 cpus; batches may grow
    ['4.18', 31, 186, undefined],
    ['4.19', 63, 378, undefined],
    ['5.13', 63, 378, undefined],
    ['5.14', 63, 1250, undefined],
    ['6.6', 63, 1250, undefined],
    ['6.7', 63, 1250, 5],
  ])('per-cpu lists of %s: batch %i, high %i', (text, batch, high, growth) => {
    const { pcp } = kernelNamed(text);
    expect([pcp.batch(1e6, 12), pcp.high(5000, batch, 4), pcp.batchScaleMax]).toEqual([batch, high, growth]);
  });

  test('what was not compared says so', () => {
    const texts = ['6.1', '5.15', '2.6.31'].map((text) => uncheckedText(kernelNamed(text)));
    expect(texts).toEqual([
      undefined,
      'as Linux 5.15, unchecked',
      'as Linux 2.6.31: compared where its windows lie, else unchecked',
    ]);
  });
});

describe('windows on 32 bits', () => {
  const layout = (name: string, text: string, options: LayoutOptions) =>
    buildLayout(name, { kernel: kernelNamed(text), ...options });

  test.each([
    ['4.14', false, false],
    ['4.15', true, false],
    ['4.18', true, false],
    ['4.19', true, true],
    ['7.0', true, true],
  ])('%s: cpu entry area %s, LDT remap %s', (text, entryArea, ldt) => {
    const kinds = layout('linux-3g1g', text, {}).regions.map(({ kind }) => kind);
    expect([kinds.includes('cpu_entry_area'), kinds.includes('ldt')]).toEqual([entryArea, ldt]);
    expect(layout('linux-3g1g', text, {}).title).toContain(`Linux ${text},`);
  });

  test('before 2.6.27 low memory ends 128 MiB below 4 GiB, since then below the end of vmalloc', () => {
    const low = (text: string) => layout('linux-3g1g', text, { ramBytes: mib(2048) }).maxLowPfn * 2 ** 12;
    expect(low('2.6.26')).toBe(896 * 2 ** 20);
    expect(low('2.6.27')).toBe(896 * 2 ** 20 - (2 ** 32 - 0xff7fe000));
  });

  test('vmalloc= was the whole reserve, and has been without its hole since 2.6.27', () => {
    const reserve = (text: string): bigint => {
      const { maxMem, pageOffset, vmalloc } = layout('linux-3g1g', text, { vmallocBytes: mib(256) });
      return (text === '2.6.26' ? 1n << 32n : vmalloc.end) - pageOffset - maxMem;
    };
    expect([reserve('2.6.26'), reserve('2.6.27')]).toEqual([mib(256), mib(264)]);
  });

  test('the pages of a fixmap tell for how many cpus a kernel was built', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.constantFrom('2.6.20', '2.6.32', '3.12', '4.13', '6.1'),
        (nrCpus, text) => {
          const { fixmap } = windows32(version(text));
          const pages = permanentPages(fixmap, nrCpus);
          const { nrCpus: found, optionPages } = buildOfFixmap(fixmap, pages, 64)!;
          expect([found, permanentPages(fixmap, found, optionPages)]).toEqual([nrCpus, pages]);
        },
      ),
    );
    expect(buildOfFixmap(windows32(version('6.1')).fixmap, 79, 64)).toBeUndefined();
  });
});

describe('windows on 64 bits', () => {
  test.each([
    ['2.6.26', 0xffff810000000000n, 0xffffc20000000000n, 0xffffe20000000000n],
    ['2.6.27', 0xffff880000000000n, 0xffffc20000000000n, 0xffffe20000000000n],
    ['2.6.31', 0xffff880000000000n, 0xffffc90000000000n, 0xffffea0000000000n],
    ['4.19', 0xffff880000000000n, 0xffffc90000000000n, 0xffffea0000000000n],
    ['4.20', 0xffff888000000000n, 0xffffc90000000000n, 0xffffea0000000000n],
  ])('%s', (text, pageOffset, vmalloc, vmemmap) => {
    const layout = buildLayout('linux-x86_64', { kernel: kernelNamed(text) });
    expect([layout.pageOffset, layout.vmalloc.start]).toEqual([pageOffset, vmalloc]);
    expect(layout.regions.find(({ kind }) => kind === 'vmemmap')!.start).toBe(vmemmap);
    layout.regions.slice(1).forEach(({ start }, i) => {
      expect(start).toBeGreaterThanOrEqual(layout.regions[i]!.end);
    });
  });

  test('five levels came with 4.14', () => {
    expect(() => buildLayout('linux-x86_64-la57', { kernel: kernelNamed('4.13') })).toThrow(/4\.14 or later/);
    const { pageOffset } = buildLayout('linux-x86_64-la57', { kernel: kernelNamed('4.14') });
    expect(pageOffset).toBe(windows64(version('4.14')).pageOffset.five);
  });
});
