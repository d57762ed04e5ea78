/** Explanations of addresses: rows from the books and from real kernels, laws over all layouts, no number without an answer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  batchOf,
  bootMachine,
  buildLayout,
  type Explanation,
  explainAddress,
  fold,
  GFP_DMA,
  GFP_HIGHUSER,
  GFP_KERNEL,
  layoutNames,
  type Machine,
  type MemoryEvent,
  PLACE_TEXT,
  PROT_READ,
  PROT_WRITE,
  UsageError,
  WRITE,
} from '../../../core/index.ts';
import { atDepth } from '../../support/depth.ts';

const GIB = 2n ** 30n;
const at = { cpu: 0, thinkNs: 0 };

function boot(name: string, ramBytes = GIB): Machine {
  return bootMachine(buildLayout(name, { ramBytes }));
}

function after(machine: Machine, events: readonly MemoryEvent[]): Machine {
  const { machine: next, outcomes } = fold(machine, batchOf(events));
  expect([...outcomes.status.subarray(0, events.length)]).toEqual(events.map(() => 0));
  return next;
}

function explain(machine: Machine, address: bigint, pid?: number): Explanation {
  return explainAddress(machine, 'virtual', address, { pid });
}

const yes = ({ uses }: Explanation): string[] => uses.filter((use) => use.possible).map((use) => use.name);
const levels = ({ walk }: Explanation): string[] => walk.map(({ level, index }) => `${level}[${index}]`);

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

describe('the owner of a frame', () => {
  const machine = after(boot('linux-3g1g'), [
    { kind: 'kmalloc', ...at, object: 1, size: 100, gfp: GFP_KERNEL },
    { kind: 'page_alloc', ...at, object: 2, order: 3, gfp: GFP_DMA },
    { kind: 'vmalloc', ...at, object: 3, size: 8192 },
    { kind: 'page_alloc', ...at, object: 4, order: 0, gfp: GFP_HIGHUSER },
    { kind: 'kmap', ...at, object: 4, page: 0 },
    { kind: 'kmalloc', ...at, object: 5, size: 20_000, gfp: GFP_KERNEL },
  ]);
  const addressOf = (object: number): bigint => BigInt(machine.objects.get(object, 1)) << 12n;

  it('is a slab for kmalloc: contiguous, good for DMA, never swapped', () => {
    const explained = explain(machine, addressOf(1));
    expect(explained.frame).toMatchObject({ use: 'slab', owner: 'slab of kmalloc-128', memory: 'low' });
    expect(yes(explained)).toEqual(['contiguous', 'dma', 'kernel mode']);
  });

  it('is found from any frame of a block', () => {
    const facts = { use: 'pages', owner: 'alloc_pages, object 2', order: 3, zone: 'DMA' };
    expect(explain(machine, addressOf(2)).frame).toMatchObject(facts);
    expect(explain(machine, addressOf(2) + 7n * 4096n).frame).toMatchObject(facts);
    expect(explain(machine, addressOf(2) + 8n * 4096n).frame).not.toMatchObject(facts);
    expect(explain(machine, addressOf(5)).frame).toMatchObject({ owner: 'kmalloc without a slab, object 5' });
  });

  it('is the area for vmalloc, which ends in a guard page: no DMA, not contiguous', () => {
    const explained = explain(machine, addressOf(3) + 4096n);
    expect(explained.frame).toMatchObject({ use: 'vmalloc', owner: 'vmalloc, object 3' });
    expect(explained.pa!.legal).toBe(false);
    expect(yes(explained)).toEqual(['kernel mode']);
    expect(explain(machine, addressOf(3) + 8192n).unmapped).toMatch(/guard page/);
    expect(explain(machine, addressOf(3) + 12288n).unmapped).toMatch(/free address space/);
  });

  it('is the page behind a kmap slot: high memory without __va', () => {
    const slot = machine.platform.layout.pkmap!.base + 4096n;
    const explained = explain(machine, slot);
    expect(explained.frame).toMatchObject({ use: 'pages', memory: 'high', owner: 'alloc_pages, object 4' });
    expect(explained.va!.legal).toBe(false);
    expect(explain(machine, slot + 4096n).unmapped).toMatch(/slot is free/);
  });
});

describe("the kernel's own answers", () => {
  const machine = after(boot('linux-3g1g'), [
    { kind: 'page_alloc', ...at, object: 1, order: 1, gfp: GFP_HIGHUSER },
    { kind: 'kmap', ...at, object: 1, page: 0 },
    { kind: 'kmap_local', ...at, object: 1, page: 1 },
    { kind: 'vmalloc', ...at, object: 2, size: 4096 },
    { kind: 'vm_area', ...at, object: 3, size: 4096, align: 0 },
    { kind: 'vmalloc', ...at, object: 4, size: 4096 },
    { kind: 'vfree', ...at, object: 4 },
  ]);
  const { layout } = machine.platform;
  const misleading = (address: bigint): string[] =>
    explain(machine, address)
      .answers.filter(({ right }) => !right)
      .map(({ name, answer }) => `${name} ${answer}`);

  it('are right about the direct map, and say NULL for a high page without a kmap', () => {
    expect(misleading(0xc3000000n)).toEqual([]);
    // kmap_local gives no address that page_address knows.
    const slot = layout.fixmap.end - 68n * 4096n;
    const { answers, frame } = explain(machine, slot);
    expect(frame).toMatchObject({ memory: 'high', owner: 'alloc_pages, object 1' });
    expect(answers.find(({ name }) => name === 'page_address')).toMatchObject({
      answer: 'NULL',
      right: true,
    });
  });

  it('take the end of the direct map and a kmap slot for a part of it', () => {
    expect(misleading(layout.highMemory)).toEqual(['virt_addr_valid yes']);
    const slot = layout.pkmap!.base + 4096n;
    expect(misleading(slot)).toEqual(['virt_addr_valid yes', 'virt_to_page frame 0x3f001']);
  });

  it('do not know the last byte of the vmalloc area of 64 bits', () => {
    const wide = boot('linux-x86_64');
    const { end } = wide.platform.layout.vmalloc;
    const answerTo = (address: bigint) =>
      explain(wide, address).answers.find(({ name }) => name === 'is_vmalloc_addr');
    expect(answerTo(end - 2n)).toMatchObject({ answer: 'yes', right: true });
    expect(answerTo(end - 1n)).toMatchObject({ answer: 'no', right: false });
  });

  it('know vmalloc addresses, but not their pages', () => {
    const page = (layout.vmalloc.start - layout.pageOffset) >> 12n;
    expect(misleading(layout.vmalloc.start)).toEqual([`virt_to_page frame 0x${page.toString(16)}`]);
    expect(explain(machine, layout.vmalloc.start + 0x2000n).unmapped).toMatch(/get_vm_area/);
    expect(explain(machine, layout.vmalloc.start + 0x3000n).unmapped).toMatch(/guard page/);
    expect(explain(machine, layout.vmalloc.start + 0x4000n).unmapped).toMatch(/freed, but/);
  });
});

describe('user space', () => {
  const machine = after(boot('linux-3g1g'), [
    { kind: 'spawn', ...at, pid: 7 },
    { kind: 'switch', ...at, pid: 7 },
    {
      kind: 'mmap',
      ...at,
      object: 1,
      length: 8192,
      flags: PROT_READ | PROT_WRITE | PLACE_TEXT,
      file: 0,
    },
    { kind: 'access', ...at, object: 1, offset: 10, size: 4, mode: WRITE },
  ]);
  const text = 0x08048000n;

  it('is walked in the tables of the process on cpu 0, or of the one that is named', () => {
    for (const pid of [undefined, 7]) {
      const explained = explain(machine, text + 16n, pid);
      expect(levels(explained)).toEqual(['pgd[32]', 'pte[72]']);
      expect(explained).toMatchObject({ pid: 7, mapping: { object: 1, offset: 16n, file: 0 } });
      expect(explained.frame).toMatchObject({ use: 'anonymous', references: 1 });
      expect(yes(explained)).toEqual(['swappable', 'user mode', 'kernel mode']);
    }
  });

  it('has the accessed and dirty bits that the access has set', () => {
    expect(explain(machine, text).walk.at(-1)!.flags).toEqual([
      'present',
      'writable',
      'user',
      'accessed',
      'dirty',
    ]);
  });

  it('is not mapped before it is touched, outside of mappings, and without a process', () => {
    expect(explain(machine, text + 4096n).unmapped).toMatch(/never touched.*zeroed page/);
    expect(explain(machine, text + 8192n).unmapped).toMatch(/SIGSEGV/);
    expect(explain(boot('linux-3g1g'), text).unmapped).toMatch(/no process/);
  });

  it('refuses a process that does not live, and tells which do', () => {
    expect(() => explain(machine, text, 8)).toThrow(UsageError);
    expect(() => explain(machine, text, 8)).toThrow(/process 8.*there are 7/);
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
      { numRuns: atDepth({ quick: 167, full: 500 }) },
    );
  });
});
