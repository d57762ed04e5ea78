/** Formats that say what a sampler, a dump or another tool's words tell: what lines mean, and what they cannot say. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { damoTimeNs } from '../../../traces/import/damon.ts';
import { importText } from '../../support/import-text.ts';
import { expectAllAccountedFor } from '../../support/kernel-lines.ts';

const fixture = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../fixtures/formats', name), 'latin1');

describe('files are found by their first lines, and mean', () => {
  test.each<[file: string, format: string, events: string[], ignored: Record<string, number>]>([
    [
      'perf-trace.txt',
      'perf-trace',
      [
        'spawn 24475',
        'switch 24475',
        'kmalloc 1',
        'page_alloc 2',
        'spawn 11',
        'switch 11',
        'page_free 2',
        'kfree 1',
        'switch 24475',
        'kmem_cache_create',
        'kmem_cache_alloc 1',
      ],
      { 'system call, page fault or another tracepoint': 1 },
    ],
    ['bpftrace.txt', 'bpftrace', ['spawn 24475', 'switch 24475', 'kmalloc 1', 'kfree 1'], { banner: 1 }],
    [
      'page-owner.txt',
      'page-owner',
      [
        'spawn 1',
        'switch 1',
        'page_alloc 1',
        'page_alloc 2',
        'page_free 2',
        'spawn 17',
        'switch 17',
        'page_alloc 2',
      ],
      { 'first line of a page': 2, 'call chain': 3, 'empty line': 2 },
    ],
    [
      'perf-samples.txt',
      'perf-samples',
      [
        'spawn 17336',
        'switch 17336',
        'mmap 1',
        'read 1+2533904 1',
        'read 1+2533904 1',
        'switch 17336',
        'mmap 2',
        'write 2+3430008 1',
        'read 2+3430008 1',
      ],
      { 'sample without an address': 1 },
    ],
    [
      'perf-samples-faults.txt',
      'perf-samples',
      ['spawn 13235', 'switch 13235', 'mmap 1', 'execute 1+2533904 1', 'write by the kernel 1+2533904 1'],
      {},
    ],
    [
      'damon.txt',
      'damon',
      ['spawn 1', 'switch 1', 'mmap 1', 'read 1+2097152 1', 'mmap 2', 'read 2+3186688 1', 'read 2+3530752 1'],
      { 'head of a snapshot': 7, 'empty line': 1, 'region without an access': 1 },
    ],
    [
      'damon-tracepoint.txt',
      'damon',
      ['spawn 1', 'switch 1', 'mmap 1', 'read 1+1888256 1', 'mmap 2', 'read 2+4067328 1'],
      { 'region without an access': 1 },
    ],
    [
      'systrace.html',
      'systrace',
      ['spawn 1994', 'switch 1994', 'kmalloc 1'],
      { 'page around the trace': 7, 'empty line': 2, 'line of no known form': 1, banner: 2 },
    ],
    [
      'systrace-old.html',
      'systrace',
      ['spawn 1994', 'switch 1994', 'kmalloc 1'],
      { 'page around the trace': 5, 'empty line': 1, banner: 2, marker: 1 },
    ],
  ])('%s', async (file, format, events, ignored) => {
    const { told, result } = await importText(fixture(file));
    expect(result).toMatchObject({ format, ignored });
    expect(result.choice.doubts).toEqual([]);
    expect(told).toEqual(events);
    expectAllAccountedFor(result);
    // blocks may end anywhere
    expect((await importText(fixture(file), format, 7)).result).toMatchObject({
      ignored,
      events: result.events,
    });
    expect((await importText(fixture(file).replaceAll('\n', '\r\n'), format)).told).toEqual(events);
  });
});

describe('perf trace leaves out what is 0', () => {
  const import_ = (line: string) => importText(`     0.000 a/1 kmem:${line}\n`);
  test.each([
    ['mm_page_alloc(pfn: 16, order: 3, gfp_flags: 3264, migratetype: 1)', 'page_alloc 1'],
    ['mm_page_alloc(order: 9, gfp_flags: 3264)', 'page_alloc 1'],
    ['kmalloc(ptr: 0xffff888100000000, bytes_alloc: 8)', 'kmalloc 1'],
    ['mm_page_free(pfn: 16)', 'page_alloc 1'],
    ['mm_pagevec_free(pfn: 16)', 'page_alloc 1'],
    ['mm_page_alloc(pfn=0x10 order=0 migratetype=0 gfp_flags=GFP_KERNEL)', 'page_alloc 1'],
    ['mm_page_alloc:pfn=0x10 order=0 migratetype=0 gfp_flags=GFP_KERNEL', 'page_alloc 1'],
  ])('%s', async (line, told) => {
    expect((await import_(line)).told).toContain(told);
  });
});

describe('bpftrace', () => {
  test.each([
    [
      'tracepoint:kmem:mm_page_free pid=1 pfn=16 order=1',
      ['spawn 1', 'switch 1', 'page_alloc 1', 'page_free 1'],
    ],
    ['12:00:01 tracepoint:kmem:kmalloc ptr=0xffff888100000000 bytes_req=8 bytes_alloc=8', ['kmalloc 1']],
    [
      'tracepoint:kmem:kmalloc: ptr: 0xffff888100000000, bytes_req: 8, bytes_alloc: 8, tid: 3',
      ['spawn 3', 'switch 3', 'kmalloc 1'],
    ],
  ])('%s', async (line, told) => {
    expect((await importText(`${line}\n`)).told).toEqual(told);
  });

  test('without gfp flags an allocation is GFP_KERNEL, and says so', async () => {
    const { batches, result } = await importText(
      'tracepoint:kmem:kmalloc ptr=0xffff888100000000 bytes_req=8 bytes_alloc=8\n',
    );
    expect(batches[0]!.b[0]).toBe(0xcc0);
    expect(result.changed).toEqual({ 'allocation without gfp flags: taken as GFP_KERNEL': 1 });
  });

  test('a tracepoint without what tells its object is an error with its line number', async () => {
    const failed = importText(
      'tracepoint:kmem:kfree ptr=0xff\ntracepoint:kmem:kmalloc pid=1 bytes_req=8\n',
      'bpftrace',
    );
    await expect(failed).rejects.toMatchObject({ name: 'ImportError', line: 2, expected: "'ptr='" });
  });
});

describe('page_owner of each version', () => {
  const page = (head: string): string =>
    `Page allocated via order 1, mask 0xcc0${head}\nPFN 6707 type Unmovable Block 13 type Unmovable Flags 0x0()\n f+0x1/0x2\n\n`;
  test.each([
    // 3.19 and 4.5, 5.11, 5.13, 5.18, 6.8
    ['', ['page_alloc 1'], 1],
    ['(GFP_KERNEL)', ['page_alloc 1'], 1],
    ['(GFP_KERNEL), pid 3, ts 17 ns', ['spawn 3', 'switch 3', 'page_alloc 1'], 0],
    ['(GFP_KERNEL), pid 3, ts 17 ns, free_ts 0 ns', ['spawn 3', 'switch 3', 'page_alloc 1'], 0],
    [
      '(GFP_KERNEL), pid 3, tgid 2 (a, b), ts 17 ns, free_ts 16 ns',
      ['page_alloc 1', 'page_free 1', 'spawn 3', 'switch 3', 'page_alloc 1'],
      0,
    ],
    ['(GFP_KERNEL), pid 3, tgid 2 (a), ts 17 ns', ['spawn 3', 'switch 3', 'page_alloc 1'], 0],
  ])('%j', async (head, told, warnings) => {
    const imported = await importText(page(head));
    expect(imported.told).toEqual(told);
    expect(imported.result.warnings).toHaveLength(warnings);
    expect(imported.batches[0]!.b[told.indexOf('page_alloc 1')]).toBe(0xcc0);
  });

  test('pages are said in the order of their times, without time in that of the dump', async () => {
    const text = page('(GFP_KERNEL), pid 3, ts 17 ns') + page('(GFP_USER), pid 4, ts 16 ns');
    expect((await importText(text)).told.filter((event) => event.startsWith('spawn'))).toEqual([
      'spawn 4',
      'spawn 3',
    ]);
  });

  test('an order that no kernel has is an error with its line number', async () => {
    const text = page('').replace('order 1', 'order 21');
    await expect(importText(text)).rejects.toMatchObject({ name: 'ImportError', line: 1 });
  });
});

describe('samples of perf', () => {
  test.each([
    // no cpu, no time, pid/tid, and what tells loads from stores
    ['              ls 17336  1070.976255:          1 page-faults:      7f0000000010\n', 'read 1+16 1'],
    [
      '   17336  page-faults:      7f0000000010\n   17336 [000] page-faults:      7f0000000010\n',
      'read 1+16 1',
    ],
    ['ls 1 [000]  1.000000: 1 dTLB-store-misses:  7f0000000010\n', 'write 1+16 1'],
    ['ls 1 [000]  1.000000: 1 mem-loads:  7f0000000010 5080184 |OP STORE|LVL L1 hit\n', 'write 1+16 1'],
    [
      'ls 1 [000]  1.000000: 1 minor-faults:  7f0000000010     7f0000000010 f+0x1 (/bin/ls)\n',
      'execute 1+16 1',
    ],
    [
      'ls 1 [000]  1.000000: exceptions:page_fault_user: address=0x10 ip=0x20 error_code=0x6\n',
      'write 1+16 1',
    ],
    ['  1   1 0xffffffff811186bf 0x7f0000000010    49 0x68100842 /bin/ls:main\n', 'read 1+16 1'],
    ['  1   1 0xffffffff811186bf 0x7f0000000010    49 0x68100844 /bin/ls:main\n', 'write 1+16 1'],
  ])('%j', async (text, told) => {
    const imported = await importText(text);
    expect(imported.result.format).toBe('perf-samples');
    expect(imported.told.at(-1)).toBe(told);
  });

  test('a fault of the kernel in its own half is none of a process', async () => {
    const text = fixture('perf-samples-faults.txt');
    const { result } = await importText(text + text.replaceAll('0x7f651666aa10 ip', '0xffff888100000000 ip'));
    expect(result.ignored).toEqual({ 'page fault of the kernel in its own half': 2 });
  });

  test('processes are those that the lines name, each with memory of its own', async () => {
    const line = (pid: number) => `ls ${pid} [000]  1.000000: 1 page-faults:  7f0000000010\n`;
    const { told } = await importText(line(1) + line(2) + line(1));
    expect(told.filter((event) => event.startsWith('read'))).toEqual([
      'read 1+16 1',
      'read 2+16 1',
      'read 1+16 1',
    ]);
  });
});

describe('DAMON', () => {
  test.each([
    ['0 ns', 0],
    ['104.599 ms', 104_599_000],
    ['8 m 59.809 s', 539_809_000_000],
    ['1 h 2 m 3 s', 3_723_000_000_000],
    ['104599000', 104_599_000],
    ['1,000,000', 1_000_000],
  ])('%s', (text, ns) => {
    expect(damoTimeNs(text)).toBe(ns);
  });

  test.each([
    ['7f0000000000-7f0000004000(  16.000 KiB):        1', ['read 1+0 1']],
    ['7f0000000000-7f0000004000 (      16384)           2     5', ['read 1+0 1', 'read 1+8192 1']],
    // no more than there are pages
    ['7f0000000000-7f0000001000 (   4.000 KiB)          20     5', ['read 1+0 1']],
  ])('%s', async (line, reads) => {
    const { told } = await importText(`target_id: 1\n${line}\n`);
    expect(told.filter((event) => event.startsWith('read'))).toEqual(reads);
  });

  test('a region that claims to be accessed without end is bounded, and says so', async () => {
    const { result } = await importText('0-7f0000004000 (  127 TiB)      4294967295     5\n');
    expect(result.references.read).toBe(1024);
    expect(result.changed).toEqual({ 'region with more than 1024 accesses: 1024 taken': 1 });
  });

  test('each target is a process', async () => {
    const text = fixture('damon-tracepoint.txt');
    const { result } = await importText(text + text.replaceAll('target_id=0', 'target_id=7'));
    expect(result.processes).toBe(2);
  });
});
