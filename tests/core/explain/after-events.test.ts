/** Explanations after events: whose a frame is, where the kernel's own answers mislead, what a process has mapped. */
import { describe, expect, it } from 'vitest';
import {
  batchOf,
  type Explanation,
  fold,
  GFP_DMA,
  GFP_HIGHUSER,
  GFP_KERNEL,
  type Machine,
  type MemoryEvent,
  PLACE_TEXT,
  PROT_READ,
  PROT_WRITE,
  UsageError,
  WRITE,
} from '../../../core/index.ts';
import { boot, explain, levels } from './explained.ts';

const at = { cpu: 0, thinkNs: 0 };

function after(machine: Machine, events: readonly MemoryEvent[]): Machine {
  const { machine: next, outcomes } = fold(machine, batchOf(events));
  expect([...outcomes.status.subarray(0, events.length)]).toEqual(events.map(() => 0));
  return next;
}

const yes = ({ uses }: Explanation): string[] => uses.filter((use) => use.possible).map((use) => use.name);

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
