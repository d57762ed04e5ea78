import { describe, expect, test } from 'vitest';
import { type KernelRecord, readKernelRecords } from '../../../traces/index.ts';
import type { RecordSlot } from '../../../traces/kernel/record.ts';
import { KERNEL_TRACES, linesOf } from '../../captures/kernel-traces.ts';
import { inBlocks } from '../support.ts';
import { HEAD, PAGE, read, SLAB } from './reading.ts';

test('a cache without a name is not that of the line before', async () => {
  const named = `${HEAD}kmem_cache_free: ${SLAB}ff name=filp\n`;
  const alloc = `${HEAD}kmem_cache_alloc: ${SLAB}ff bytes_req=1 bytes_alloc=8 gfp_flags=GFP_NOFS\n`;
  const free = `${HEAD}kmem_cache_free: ${SLAB}ff\n`;
  const records = await read(`${named}${alloc}${named}${free}`);
  expect(records.map((record) => (record as unknown as RecordSlot).cache)).toEqual(['filp', '', 'filp', '']);
});

test('a line is not read on into the next, whatever stands there', async () => {
  // from the end of the empty line on, the next one looks as if its columns were right
  const records = await read(`${HEAD}x: y\n\n${HEAD.slice(1)}mm_page_free: page=0 pfn=0x12 order=0\n`);
  expect(records.map(({ kind }) => kind)).toEqual(['other', 'blank', 'mm_page_free']);
});

test('what is no kernel trace is refused', async () => {
  await expect(read('I  00400000,3\n')).rejects.toMatchObject({ expected: /ftrace, perf-script, trace-cmd/ });
  await expect(read('')).rejects.toMatchObject({ found: 'an empty file' });
});

test('blocks may end anywhere', async () => {
  const text = `# tracer: nop\n${HEAD}mm_page_free: ${PAGE}\nCPU:1 [LOST 62 EVENTS]\n${HEAD}kfree: call_site=f ptr=12\n`;
  const whole = (await read(text)).map(withoutBytes);
  for (let size = 1; size < text.length; size++)
    expect((await read(text, size)).map(withoutBytes)).toEqual(whole);
});

/** Where the texts lie depends on the blocks. */
function withoutBytes(record: KernelRecord): object {
  const { bytes, lineStart, nameStart, nameEnd, commStart, commEnd, textStart, textEnd, ...rest } =
    record as unknown as RecordSlot;
  return rest;
}

describe.each(KERNEL_TRACES)('$name', (trace) => {
  /** The grammar as one expression, greedy on the task's name, says the same of each line. */
  const GRAMMAR = {
    ftrace: /^\s*(.+)-(\d+)\s+\[(\d{3,})\]\s+\S{4,6}\s+(\d+)\.(\d+): (\w+): +(.*)$/,
    'perf-script': /^\s*(.+?)\s+(\d+)\s+\[(\d+)\]\s+(\d+)\.(\d+):\s+\w+:(\w+): +(.*)$/,
    'trace-cmd': /^(?:\w+: )?\s*(.+)-(\d+)\s+\[(\d+)\]\s+(\d+)\.(\d+): (\w+): +(.*)$/,
  }[trace.dialect]!;

  test('every line is a record, the same as a regular expression makes of it', async () => {
    const lines = linesOf(trace.text());
    let at = 0;
    const check = (record: KernelRecord): void => {
      const line = lines[at++]!;
      const told = tell(record);
      const expected = tellMatch(GRAMMAR.exec(line));
      if (told !== expected) expect(`${record.line} ${told}`).toBe(`${at} ${expected}`);
    };
    const blocks = inBlocks(trace.text(), 1 << 20);
    const { dialect } = await readKernelRecords({ name: trace.name, blocks }, check);
    expect({ dialect, lines: at }).toEqual({ dialect: trace.dialect, lines: lines.length });
  });

  function tell(record: KernelRecord): string {
    if (!('timeNs' in record) || NO_EVENT.has(record.kind)) return 'no event';
    const { comm, pid, cpu, timeNs, kind } = record as Extract<KernelRecord, { kind: 'mm_page_alloc' }>;
    const event = `${comm} ${pid} ${cpu} ${timeNs / 1000} ${record.kind === 'other' ? record.name : kind}`;
    return 'pfn' in record && /^mm_page/.test(kind) ? `${event} 0x${record.pfn.toString(16)}` : event;
  }

  function tellMatch(found: RegExpExecArray | null): string {
    if (found === null) return 'no event';
    const [, comm, pid, cpu, seconds, micros, name, rest] = found;
    const pfn = /^mm_page/.test(name!) ? ` ${/pfn=(\w+)/.exec(rest!)![1]}` : '';
    return `${comm} ${Number(pid)} ${Number(cpu)} ${Number(seconds! + micros!)} ${name}${pfn}`;
  }
});

const NO_EVENT = new Set(['lost', 'buffer', 'buffer_start', 'banner', 'callchain', 'blank', 'cut', 'page']);
