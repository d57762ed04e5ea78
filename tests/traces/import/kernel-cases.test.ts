/** The smallest traces of each trap, found without being told the format, and what each means. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectAllAccountedFor, importLines } from '../../support/kernel-lines.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/cases');

const linesOf = (name: string): string[] =>
  readFileSync(join(FOLDER, `${name}.txt`), 'latin1')
    .replace(/\n$/, '')
    .split('\n');

const KMALLOC = 'kmalloc object=1 size=10';

test.each<[name: string, format: string, events: string[], ignored: Record<string, number>]>([
  [
    'ftrace-page-free-direct',
    'ftrace',
    [
      'page_alloc object=1 order=0',
      'page_free object=1',
      'page_alloc object=1 order=0',
      'page_free object=1',
    ],
    {},
  ],
  ['ftrace-null-ptr', 'ftrace', [KMALLOC], { 'kfree(NULL)': 1 }],
  [
    'ftrace-null-page',
    'ftrace',
    [
      'page_alloc object=1 order=9',
      'refused object=1 request=11 length=0',
      'page_free object=1',
      'page_alloc object=1 order=0',
    ],
    {},
  ],
  ['ftrace-old-gfp-names', 'ftrace', ['kmalloc object=1 size=10 gfp=3520'], {}],
  ['perf-short-call-chain', 'perf-script', ['kmalloc object=1 size=8'], { 'call chain': 2, 'empty line': 1 }],
  ['ftrace-foreign-return-line', 'ftrace', [KMALLOC], { 'system call': 1 }],
  ['ftrace-foreign-lines', 'ftrace', [KMALLOC], { 'function tracer': 1, trace_printk: 1 }],
])('%s', async (name, format, events, ignored) => {
  const { told, result } = await importLines(linesOf(name));
  const pid = format === 'ftrace' ? 1994 : 7;
  expect(told).toEqual([`spawn pid=${pid}`, `switch pid=${pid}`, ...events]);
  expect(result).toMatchObject({ format, ignored, changed: {}, warnings: [] });
  expectAllAccountedFor(result);
});
