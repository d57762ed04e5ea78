/**
 * The engine as a page has it: bundled for browsers, in a context where nothing of Node's is but what browsers have too.
 * It makes of every file what it makes in Node, to the last digest.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { gunzipSync, gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { describe, expect, test } from 'vitest';
import { browserHost } from '../../../rolldown.config.ts';
import { FULL } from '../../support/depth.ts';
import * as inNode from './engine.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const read = (path: string): Buffer => readFileSync(join(FIXTURES, path));

const bundle = await rolldown({
  input: join(import.meta.dirname, 'engine.ts'),
  platform: 'browser',
  plugins: [browserHost],
  onwarn: (warning) => {
    throw new Error(warning.message);
  },
});
const { output } = await bundle.generate({ format: 'iife', name: 'engine' });
const [{ code, imports }] = output;

/** Of what Node has and the language has not, all that browsers have too. */
const WEB = { TextDecoder, TextEncoder, DecompressionStream, MessageChannel, performance };
const inBrowser = runInContext(`${code}; engine`, createContext({ ...WEB })) as typeof inNode;

test('the bundle is one file that needs nothing', () => {
  expect(output).toHaveLength(1);
  expect(imports).toEqual([]);
  expect(code.match(/['"]node:\w+/g)).toBeNull();
});

describe('the same of', () => {
  /** Some lines, so that it takes a moment. */
  const lines = (path: string, count: number): Buffer =>
    Buffer.from(gunzipSync(read(path)).toString('latin1').split('\n', count).join('\n'), 'latin1');

  const FILES: readonly (readonly [string, Buffer])[] = [
    ['lackey, packed', gzipSync(lines('lackey/true.lackey.gz', 2000))],
    ['strace', read('strace/gcc.strace.gz')],
    ['trace-cmd', lines('kernel/tracecmd/gcc.report.txt.gz', 2000)],
    ['a page of systrace', read('formats/systrace.html')],
    ['ndjson', read('formats/ndjson.txt')],
    ['a trace', read('vmt/version-1.vmt')],
  ];
  const ALIKE: readonly (readonly [string, Buffer])[] = [
    ['lackey', lines('lackey/true.lackey.gz', 5000)],
    ['tracefs', read('kernel/oddcomm/trace.txt.gz')],
    ['perf script', lines('kernel/perf/oddcomm.perf-script.txt.gz', 2000)],
    ['valgrind', read('heap/sqlite3.vgmalloc.gz')],
    ['drmemtrace', read('formats/drmemtrace.txt')],
  ];

  test.each([...FILES, ...(FULL ? ALIKE : [])])('%s', async (name, bytes) => {
    const made = await inNode.replayed(name, bytes);
    expect(await inBrowser.replayed(name, bytes)).toBe(made);
    expect(made).toContain('"digest"');
  });

  test("the kernel's own files", () => expect(inBrowser.viewed()).toBe(inNode.viewed()));

  test.each(['zoneinfo', 'buddyinfo', 'pagetypeinfo', 'slabinfo'])('/proc/%s', async (name) => {
    const bytes = read(`kernel/oddcomm/${name}.before`);
    for (const file of [bytes, gzipSync(bytes)])
      expect(await inBrowser.told(name, file)).toBe(await inNode.told(name, bytes));
  });

  test('failure reports', async () => {
    const reports = JSON.parse(read('reports/reports.json').toString()) as { id: string; log: string[] }[];
    for (const { id, log } of reports) {
      const bytes = Buffer.from(log.join('\n'), 'latin1');
      expect(await inBrowser.told(id, bytes)).toBe(await inNode.told(id, bytes));
    }
  });

  test('an archive, packed or not', async () => {
    const head = Buffer.alloc(512);
    head.write('before/zoneinfo');
    head.write('00000000005', 124);
    head.write('0', 156);
    head.write('ustar', 257);
    const archive = Buffer.concat([head, Buffer.from('five!'), Buffer.alloc(512 - 5 + 1024)]);
    for (const bytes of [archive, gzipSync(archive)]) {
      expect(await inBrowser.listed(bytes)).toBe('[["before/zoneinfo",[102,105,118,101,33]]]');
      expect(await inNode.listed(bytes)).toBe(await inBrowser.listed(bytes));
    }
  });

  test('gzip that is whole, cut, or not even that', async () => {
    const whole = gzipSync(Buffer.from('event '.repeat(1000)));
    for (const bytes of [whole, whole.subarray(0, -6), Buffer.from('plain')])
      expect(await inBrowser.plain('a.gz', bytes)).toBe(await inNode.plain('a.gz', bytes));
    expect(await inBrowser.plain('a.gz', whole.fill(0xff, 10, 14))).toMatch(/gzip data/);
  });
});
