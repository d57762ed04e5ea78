/** Explanations of addresses: rows from the books and from real kernels, laws over all layouts, no number without an answer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainAddress, layoutNames } from '../../../core/index.ts';
import { atDepth } from '../../support/depth.ts';
import { boot, explain, GIB, levels } from './explained.ts';

describe('types of addresses (LDD3, ch. 15), 1 GiB of RAM', () => {
  const rows: [layout: string, address: bigint, type: string, region: string | undefined][] = [
    ['3g1g', 0x08048000n, 'user-virtual', 'user space'],
    ['3g1g', 0xbfffffffn, 'user-virtual', 'user space'],
    ['3g1g', 0xc0000000n, 'kernel-logical', 'direct map'],
    ['3g1g', 0xf7ffffffn, 'kernel-logical', 'direct map'], // 896 MiB less one byte
    ['3g1g', 0xf8000000n, 'none', undefined], // the hole before vmalloc
    ['3g1g', 0xf8800000n, 'kernel-virtual', 'vmalloc area'],
    ['3g1g', 0xfe000000n, 'kernel-virtual', 'kmap area'],
    ['2g2g', 0x7fffffffn, 'user-virtual', 'user space'],
    ['2g2g', 0x80000000n, 'kernel-logical', 'direct map'],
    ['2g2g', 0xc0000000n, 'none', undefined], // 1 GiB above PAGE_OFFSET: above RAM
    ['3g1g', 0x1_0000_0000n, 'none', undefined], // 33 bits
    ['x86_64', 0x7fffffffefffn, 'user-virtual', 'user space'],
    ['x86_64', 0x7ffffffff000n, 'none', undefined], // the guard page
    ['x86_64', 0x0000800000000000n, 'none', undefined], // not canonical
    ['x86_64', 0xffff7fffffffffffn, 'none', undefined], // not canonical
    ['x86_64', 0xffff888000000000n, 'kernel-logical', 'direct map'],
    ['x86_64', 0xffffc90000000000n, 'kernel-virtual', 'vmalloc area'],
    ['x86_64', 0xffffffff81000000n, 'kernel-virtual', 'kernel image'],
    ['linux-x86_64-la57', 0x0000800000000000n, 'user-virtual', 'user space'], // canonical with 57 bits
    ['linux-x86_64-la57', 0xff11000000000000n, 'kernel-logical', 'direct map'],
  ];
  it.each(rows)('%s: %s is %s', (layout, address, type, region) => {
    const explained = explain(boot(layout), address);
    expect([explained.type, explained.region?.name]).toEqual([type, region]);
  });

  it('tell apart what is not canonical, too wide, and in a hole', () => {
    expect(explain(boot('x86_64'), 1n << 47n).meaning).toMatch(/not canonical: bits 47 to 63/);
    expect(explain(boot('linux-x86_64-la57'), 1n << 56n).meaning).toMatch(/not canonical: bits 56 to 63/);
    expect(explain(boot('3g1g'), 1n << 32n).meaning).toMatch(/more than 32 bits/);
    expect(explain(boot('3g1g'), 0xf8000000n).meaning).toMatch(
      /hole from the end of direct map \(0xf8000000\) to the start of vmalloc area \(0xf8800000\)/,
    );
  });
});

describe('the direct map', () => {
  it('is walked in one step where a large page maps it: the entry of every i386 kernel', () => {
    const explained = explain(boot('linux-3g1g'), 0xc0523456n);
    expect(levels(explained)).toEqual(['pgd[769]']);
    expect(explained.walk[0]).toMatchObject({ entry: 0x4001e3n, page: { pfn: 1024, bytes: 2 ** 22 } });
    // Entries of 4 bytes.
    expect(explained.walk[0]!.entryAddress & 0xfffn).toBe(769n * 4n);
    expect(explained).toMatchObject({ physical: 0x523456n, pa: { address: 0x523456n, legal: true } });
  });

  it('has base pages at its end, which is no multiple of a large page', () => {
    const machine = boot('linux-3g1g');
    const last = machine.platform.layout.highMemory - 1n;
    expect(levels(explain(machine, last))).toEqual(['pgd[987]', 'pte[1021]']);
  });

  it('is walked through three levels with PAE, whose top entries have a present bit only', () => {
    const explained = explain(boot('linux-3g1g-pae'), 0xc0200000n);
    expect(levels(explained)).toEqual(['pgd[3]', 'pmd[1]']);
    const [top, middle] = explained.walk;
    expect(top!.entry & 0xfffn).toBe(1n);
    expect(middle!.entry).toBe((1n << 63n) | 0x2001e3n);
    expect(middle!.entryAddress).toBe((BigInt(top!.tablePfn!) << 12n) + 8n);
  });

  it('__pa and __va undo each other and agree with the page tables, in every layout', () => {
    const machines = layoutNames().map(({ name }) => boot(name));
    const offset = fc.bigInt({ min: 0n, max: 511n * 2n ** 20n - 1n });
    fc.assert(
      fc.property(fc.constantFrom(...machines), offset, (machine, physical) => {
        const { pageOffset, physicalBase } = machine.platform.layout;
        const address = pageOffset + physical;
        const { physical: walked, pa, va } = explain(machine, address);
        expect([walked, pa, va]).toMatchObject([
          physicalBase + physical,
          { address: physicalBase + physical, legal: true },
          { address, legal: true },
        ]);
      }),
      { numRuns: atDepth({ quick: 50, full: 100 }) },
    );
  });
});

describe('__pa and __va elsewhere', () => {
  it('__pa is illegal for all but the direct map and the kernel image', () => {
    const machine = boot('x86_64');
    const legal = machine.platform.layout.regions.filter(({ start }) => explain(machine, start).pa!.legal);
    expect(legal.map(({ kind }) => kind)).toEqual(['direct', 'kernel_image']);
  });

  it('__pa of the kernel image knows about __START_KERNEL_map', () => {
    const explained = explain(boot('linux-x86_64'), 0xffffffff81000000n);
    expect(explained.pa).toMatchObject({ address: 0x1000000n, legal: true });
    expect(explained.frame).toMatchObject({ use: 'reserved', owner: 'kernel image' });
  });

  it('__va ends where low memory does', () => {
    const machine = boot('linux-3g1g');
    const end = BigInt(machine.platform.layout.maxLowPfn) << 12n;
    const va = (address: bigint) => explainAddress(machine, 'physical', address).va!;
    expect(va(end - 1n)).toMatchObject({ legal: true, address: machine.platform.layout.highMemory - 1n });
    expect(va(end)).toMatchObject({ legal: false, reason: expect.stringMatching(/kmap/) });
    expect(va(0xfee00000n)).toMatchObject({ legal: false, reason: expect.stringMatching(/ioremap/) });
  });
});

describe('physical and bus addresses', () => {
  it('tell zone, memory and the devices that reach it', () => {
    const machine = boot('linux-3g1g-pae', 8n * GIB);
    const row = (address: bigint) => {
      const { type, frame, uses } = explainAddress(machine, 'bus', address);
      return [type, frame!.zone, frame!.memory, uses.find(({ name }) => name === 'dma')!.reason];
    };
    expect(row(0xffffffn)).toEqual(['bus', 'DMA', 'low', expect.stringMatching(/ISA device reaches/)]);
    expect(row(0x1000000n)).toEqual(['bus', 'Normal', 'low', expect.stringMatching(/32 address bits/)]);
    expect(row(0x8000_0000n)).toEqual(['bus', 'HighMem', 'high', expect.stringMatching(/32 address bits/)]);
    expect(row(0x1_0000_0000n)).toEqual(['bus', 'HighMem', 'high', expect.stringMatching(/bounce buffer/)]);
    expect(row(0xfee00000n)).toEqual(['bus', undefined, 'device', 'not RAM']);
  });

  it('know RAM that the kernel cannot address', () => {
    const explained = explainAddress(boot('linux-3g1g', 4n * GIB), 'physical', 5n * GIB - 1n);
    expect(explained.frame!.owner).toMatch(/above what it can address/);
  });
});

describe('any number', () => {
  it('gets an answer in every layout, in every address space', () => {
    const machines = layoutNames().map(({ name }) => boot(name));
    const spaces = fc.constantFrom('virtual' as const, 'physical' as const, 'bus' as const);
    const addresses = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: 0n, max: 2n ** 33n }),
      fc.bigInt({ min: 0n, max: 2n ** 80n }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...machines), spaces, addresses, (machine, space, address) => {
        const explained = explainAddress(machine, space, address);
        expect(explained.meaning).not.toBe('');
        expect((explained.physical === undefined) === (explained.unmapped !== undefined)).toBe(true);
        expect(explained.uses.length).toBe(explained.frame === undefined ? 0 : 5);
      }),
      { numRuns: atDepth({ quick: 100, full: 500 }) },
    );
  });
});
