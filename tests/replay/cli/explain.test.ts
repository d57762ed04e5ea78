import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { json, temporaryFolder, vmsplit } from './vmsplit.ts';

describe('explain', () => {
  it('teaches in a few lines', async () => {
    const { code, out, err } = await vmsplit('explain 0xc1234567 --layout linux-3g1g');
    expect([code, err]).toEqual([0, 'reproduce: vmsplit explain 0xc1234567 --layout linux-3g1g --ram 1G\n']);
    expect(out).toBe(
      [
        '0xc1234567 under linux-3g1g with 1.0 GiB of RAM',
        '  type             kernel logical: a constant away from its physical address: low memory, always mapped, the same in every process',
        '  region           direct map 0xc0000000 - 0xf6ffe000 (880.0 MiB)',
        '  __pa             0x01234567 = address - PAGE_OFFSET',
        '  split            10 | 10 | 12 bits: pgd 772 | pte 564 | offset 0x567',
        '  walk             pgd[772] at 0x01800c10 = 0x1803067 -> table in frame 0x1803 (present, writable, user, accessed, dirty)',
        '                   pte[564] at 0x018038d0 = 0x1234161 -> 4.0 KiB page at frame 0x1234 (present, accessed, dirty, global)',
        '  physical         0x01234567',
        '  __va             0xc1234567 = physical + PAGE_OFFSET',
        '  frame            0x1234, zone Normal, low memory, reserved (kernel image), in a block of 1024 frames from 0x1000',
        '  contiguous       yes: the next page is the next frame',
        '  dma              yes: a device with 32 address bits reaches it; an ISA device does not',
        '  swappable        no: the kernel never swaps its own memory',
        '  user mode        no: its entry lacks the user bit: page fault, SIGSEGV; the kernel may use it in a system call',
        '  kernel mode      yes: at any time, in any process',
        '  virt_addr_valid  yes: __pa means something',
        '  is_vmalloc_addr  no: it does not lie between VMALLOC_START and VMALLOC_END',
        '  virt_to_page     frame 0x1234: mem_map[__pa >> PAGE_SHIFT]',
        '  page_address     0xc1234000: of this frame in the direct map',
        '',
      ].join('\n'),
    );
  });

  it('boots the machine that is asked for, with a trace or without: its swap area may be too large', async () => {
    for (const trace of ['', '--trace workload:build --event 10']) {
      const { code, err } = await vmsplit(`explain 0xc1234567 --swap 2T ${trace}`);
      expect(code).toBe(2);
      expect(err).toMatch(/swap area of 2199023255552 bytes: expected at most 268435456 pages/);
    }
  });

  it.each([
    [
      '0xc5234567',
      'linux-3g1g',
      '10 | 10 | 12 bits: pgd 788 | pte 564 | offset 0x567; in this page of 4.0 MiB the offset is the last 22: 0x234567',
    ],
    ['0xc1234567', 'linux-3g1g-pae', '2 | 9 | 9 | 12 bits: pgd 3 | pmd 9 | pte 52 | offset 0x567'],
    [
      '0xffffc90000001234',
      'linux-x86_64',
      '16 | 9 | 9 | 9 | 9 | 12 bits: sign 0xffff | pgd 402 | pud 0 | pmd 0 | pte 1 | offset 0x234',
    ],
    [
      '0x1234567',
      'linux-x86_64-la57',
      '7 | 9 | 9 | 9 | 9 | 9 | 12 bits: sign 0x0 | pgd 0 | p4d 0 | pud 0 | pmd 9 | pte 52 | offset 0x567',
    ],
    ['0x40001234', 'vax-vms', '2 | 7 | 7 | 7 | 9 bits: part 1 | spt 0 | spte 0 | pte 9 | offset 0x34'],
    [
      '0x4000000001234567',
      'ia64-8k',
      '3 | 21 | 7 | 10 | 10 | 13 bits: region 2 | unused 0x0 | pgd 256 (the region is in it, of 10 bits) | pmd 2 | pte 282 | offset 0x567',
    ],
    ['0xe000000001234567', 'ia64-8k', '3 | 61 bits: region 7 | physical 0x1234567'],
  ])('cuts %s under %s into its indexes', async (address, layout, split) => {
    const { out } = await vmsplit(`explain ${address} --layout ${layout}`);
    expect(out.split('\n').find((line) => line.startsWith('  split'))).toBe(`  split            ${split}`);
  });

  it('answers for several layouts at once, and for what is no address', async () => {
    const { code, out } = await vmsplit('explain 0xffff888001234567 --layout 3g1g --layout x86_64');
    expect(code).toBe(0);
    expect(out).toMatch(/under 3g1g.*\n {2}type +none: more than 32 bits/);
    expect(out).toMatch(/under x86_64.*\n {2}type +kernel logical/);
  });

  it('tells layouts that differ by an option apart', async () => {
    const lanes = '--layouts linux-3g1g,linux-3g1g:vmalloc=256M';
    const { out, err } = await vmsplit(`explain 0xf4000000 ${lanes}`);
    expect(out).toMatch(/ under linux-3g1g with .*\n {2}type +kernel logical/);
    expect(out).toMatch(/ under linux-3g1g vmalloc=256M with .*\n {2}type +kernel virtual/);
    expect(err).toBe(`reproduce: vmsplit explain 0xf4000000 ${lanes} --ram 1G\n`);
    const event = await vmsplit(`explain --trace workload:kmalloc-dma --event 0 ${lanes}`);
    expect(event.out).toMatch(/^linux-3g1g: ok[\s\S]*^linux-3g1g vmalloc=256M: ok/m);
  });

  it('has these keys in its JSON, with addresses in hex', async () => {
    const { explanations, ...rest } = json(await vmsplit('explain phys:0x1000 --layout x86_64 --json'));
    expect(rest).toEqual({
      address: 'phys:0x1000',
      reproduce: 'vmsplit explain phys:0x1000 --layout x86_64 --ram 1G',
    });
    const [explanation] = explanations as Record<string, unknown>[];
    expect(Object.keys(explanation!).sort()).toEqual(
      [
        ...[
          'address',
          'answers',
          'buses',
          'frame',
          'kernelEntry',
          'layout',
          'mapping',
          'meaning',
          'pa',
          'physical',
          'pid',
          'region',
        ],
        ...['segmentation', 'space', 'split', 'type', 'unmapped', 'userRoot', 'uses', 'va', 'walk'],
      ].sort(),
    );
    expect(explanation).toMatchObject({
      space: 'physical',
      address: '0x0000000000001000',
      va: { address: '0xffff888000001000', legal: true },
      pa: null,
    });
  });

  it('takes a bare number for a bus address, of a device that is there', async () => {
    const asked = async (line: string): Promise<string> =>
      (await vmsplit(`explain ${line} --layout 3g1g`)).out;
    expect(await asked('0x1000000 --as bus')).toMatch(/^bus 0x01000000 .*\n +type +bus: what a device puts/);
    expect(await asked('bus:0x1000000')).toBe(await asked('0x1000000 --as bus'));
    const { code, err } = await vmsplit('explain bus:0x1000 --device 7');
    expect([code, err]).toEqual([2, expect.stringMatching(/device 7: not there at this moment/)]);
  });

  it('asks the machine of any moment of a trace', async () => {
    const at = async (event: number): Promise<string> => {
      const line = `explain 0x08048000 --trace workload:prefork --event ${event} --layout linux-3g1g`;
      return (await vmsplit(line)).out;
    };
    expect(await at(0)).toMatch(/mapped +no: no process is chosen/);
    expect(await at(20_000)).toMatch(
      /mapping +of process \d+, object \d+ \+ 0x0, r-xp, file \d+[\s\S]*page cache/,
    );
  });

  it('knows how long the trace is', async () => {
    const trace = join(temporaryFolder(), 'a.vmt');
    await vmsplit(`record drivers --events 100 -o ${trace}`);
    const { code, err } = await vmsplit(`explain 0 --trace ${trace} --event 101`);
    expect([code, err]).toEqual([2, expect.stringMatching(/found only 100 events/)]);
    expect((await vmsplit(`explain 0 --trace ${trace} --event 100`)).code).toBe(0);
  });
});

it('on ARM tells the root, the fields of each entry, and what Linux keeps beside it', async () => {
  const trace = join(temporaryFolder(), 'drivers.vmt');
  await vmsplit(`record drivers --events 500 -o ${trace}`);
  const { out } = await vmsplit(`explain 0xf0800010 --trace ${trace} --layout linux-arm-3g1g`);
  expect(out).toMatch(/^ {2}root +TTBR0: TTBCR\.N is 0/m);
  expect(out).toMatch(/^ +pgd bits: domain 0 \(kernel\)$/m);
  expect(out).toMatch(
    /^ +pte bits: APX 0, AP 0b01 \(only the kernel, read and write\), TEX 0b001, C 0, B 0 \(device\)/m,
  );
  expect(out).toMatch(/^ +Linux's own pte\[0\] at 0x[0-9a-f]{8} = 0x[0-9a-f]{8}: YOUNG 1, DIRTY 1/m);
});

describe('explain --event', () => {
  const explained = async (workload: string, event: number): Promise<string> =>
    (await vmsplit(`explain --trace workload:${workload} --event ${event} --layout 3g1g --ram 4G`)).out;

  it('tells what the event was, what became of it, and what it gave', async () => {
    expect(await explained('kmalloc-dma', 0)).toMatch(
      /^event 0: kmalloc\(object 1, 64\.0 KiB, GFP_KERNEL\) on cpu 0\n\n3g1g: ok at 0xc1010000, a kernel logical address; .*\n0xc1010000 under 3g1g.*\n {2}type +kernel logical/,
    );
  });

  it.each([
    ['an access: the byte that it touched', 'kmalloc-dma', 2, /^0xc101fff8 under 3g1g/m],
    ['how an access was translated', 'kmalloc-dma', 2, /the page was present; (L1|L2|page)/],
    ['a mapping for a device: its bus address', 'kmalloc-dma', 4, /^bus 0x01010000 under 3g1g/m],
    ['a page without a kernel address: its frame', 'highmem-kmap', 0, /^physical 0xffc00000 under 3g1g/m],
    ['a kmap: its slot', 'highmem-kmap', 2, /^0xfe001000 under 3g1g/m],
    ['an access through it', 'highmem-kmap', 3, /^0xfe001000 under 3g1g/m],
    [
      'a kunmap: the slot, which keeps the page until all are flushed',
      'highmem-kmap',
      4,
      /^0xfe001000 under/m,
    ],
    ['one that failed: why', 'user-touches-kernel', 6, /privilege: .*error code 0x5/],
    ['one about no address', 'context-switch', 1, /^ {2}no address to explain$/m],
  ])('tells of %s', async (_what, workload, event, text) => {
    expect(await explained(workload, event)).toMatch(text);
  });

  it('scales kernel objects of events only: a machine just booted has none', async () => {
    const { code, err } = await vmsplit('explain 0xc1234567 --scale-kernel-objects 32');
    expect(code).toBe(2);
    expect(err).toMatch(/scale-kernel-objects=32 has no effect: there are no events/);
  });

  it('tells of what was given back as it was before', async () => {
    const trace = join(temporaryFolder(), 'drivers.vmt');
    await vmsplit(`record drivers --events 2000 -o ${trace}`);
    const { out } = await vmsplit(`explain --trace ${trace} --event 1009 --layout 3g1g`);
    expect(out).toMatch(
      /^event 1009: kfree\(object 46\)[\s\S]*^ {2}type +kernel logical[\s\S]*slab of kmalloc/m,
    );
  });

  it('has each layout beside the others, and JSON', async () => {
    const { told, event, number } = json(
      await vmsplit('explain --trace workload:kmalloc-dma --event 0 --layout 3g1g --layout x86_64 --json'),
    );
    expect(number).toBe(0);
    expect(event).toMatchObject({ kind: 'kmalloc', size: 65_536 });
    expect(told).toMatchObject([
      { layout: '3g1g', outcome: { status: 'ok' }, explanation: { type: 'kernel-logical' } },
      { layout: 'x86_64', outcome: { status: 'ok' }, explanation: { type: 'kernel-logical' } },
    ]);
  });

  it.each([
    ['--event 3', /no address, expected one, or the number of an event/],
    ['--trace workload:kmalloc-dma', /no address, expected one, or the number of an event/],
    ['--trace workload:kmalloc-dma --event 0 --pid 1', /no address for --pid/],
    ['--trace workload:kmalloc-dma --event 9000', /found only/],
  ])('minds %s', async (line, message) => {
    const { code, err } = await vmsplit(`explain ${line}`);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('a failure report', () => {
  const log = (
    JSON.parse(readFileSync('tests/fixtures/reports/grammar.json', 'utf8')) as { id: string; log: string[] }[]
  ).find(({ id }) => id === 'i386-3.10-pae-lowmem')!.log;

  it('is explained zone by zone, with the comparison that refused', async () => {
    const file = join(temporaryFolder(), 'oom.txt');
    writeFileSync(file, log.join('\n'));
    const { out } = await vmsplit(`explain --report ${file}`);
    expect(out).toMatch(/^why +lowmem-exhausted: Normal has 3,402 kB free; it must keep 3,680 kB/m);
    expect(out).toMatch(/^DMA +3,488 kB free.*keeps 64 kB \(min\) \+ 3,280 kB\s+\(reserve\)/ms);
    expect(out).toMatch(/^HighMem +8,556,042 kB free, but gfp 0xd0 may have Normal and below only/m);
    expect(out).toMatch(/^reclaim +Normal could give back 16\.9 MiB/m);
  });

  it('has to be in the file', async () => {
    const file = join(temporaryFolder(), 'dmesg.txt');
    writeFileSync(file, 'Linux version 6.1\n');
    expect(await vmsplit(`explain --report ${file}`)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/found no failure report, expected lines such as 'page allocation failure/),
    });
  });
});
