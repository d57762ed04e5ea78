/** Reports that are not what a kernel prints: each is refused with file, line, what was found and expected. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ImportError, PROC_PARSERS, type ProcName, procSections } from '../../../traces/index.ts';
import { FIXTURES, reportsIn, reportsOf } from '../../captures/proc-files.ts';

const reports = [
  ...reportsOf(join(FIXTURES, 'oracle/i386-3g_1024.txt.gz')),
  ...reportsIn(join(FIXTURES, 'linux-6.18/sleep')),
];

/** A real report of a kind, changed. */
function damaged(kind: ProcName, change: (text: string) => string): unknown {
  const { text } = reports.find((report) => report.kind === kind)!;
  const changed = change(text);
  expect(changed).not.toBe(text);
  try {
    return PROC_PARSERS[kind](changed, { file: 'dump.txt', firstLine: 100 });
  } catch (error) {
    expect(error).toBeInstanceOf(ImportError);
    return (error as ImportError).message;
  }
}

// What was done to the report, and the start of what is said about it.
const FAULTS: [kind: ProcName, change: (text: string) => string, message: string][] = [
  ['buddyinfo', () => '', "dump.txt: line 100: found an empty line, expected a line such as 'Node 0, zone"],
  [
    'buddyinfo',
    (text) => text.replace('Normal', 'Nor mal'),
    "dump.txt: line 101: found 'Node 0, zone   Nor mal",
  ],
  ['pagetypeinfo', (text) => text.replace('Page block order', 'Block order'), 'dump.txt: line 100: found'],
  [
    'pagetypeinfo',
    (text) => text.slice(0, text.indexOf('\n\nNumber')),
    'dump.txt: line 116: found the end of',
  ],
  [
    'pagetypeinfo',
    (text) => text.replace(/Number of blocks type.*/, 'Count of blocks'),
    "dump.txt: line 117: found 'Count of blocks', expected 'Number of blocks type ",
  ],
  [
    'pagetypeinfo',
    (text) => text.replace('type     Unmovable      Movable  Reclaimable', 'type     Unmovable      Movable'),
    "dump.txt: line 118: found 'Node 0, zone      DMA            1            3            0...', expected 3 counts",
  ],
  [
    'zoneinfo',
    (text) => text.replace(/ {8}spanned .*\n/, ''),
    "dump.txt: line 150: found '        protection",
  ],
  [
    'zoneinfo',
    (text) => text.replace(/ {14}batch: 1\n/, ''),
    "dump.txt: line 166: found '  vm stats threshold: 2'",
  ],
  ['zoneinfo', (text) => text.slice(0, 200), "dump.txt: line 108: found '      nr_', expected"],
  ['meminfo', (text) => text.replace(' kB', ''), "dump.txt: line 100: found 'MemTotal:"],
  ['meminfo', (text) => text.replace('MemFree:', 'MemFree'), "dump.txt: line 101: found 'MemFree "],
  [
    'meminfo',
    (text) => text.replace(/(HugePages_Free: +0)/, '$1 kB'),
    "dump.txt: line 142: found 'HugePages_Free",
  ],
  ['vmallocinfo', (text) => text.replace('vmalloc', 'vmallocated'), "dump.txt: line 100: found '0x(ptrval)"],
  ['vmallocinfo', (text) => text.replace('vmalloc', 'phys=nowhere'), "dump.txt: line 100: found '0x(ptrval)"],
  ['vmallocinfo', (text) => text.replace('vmalloc', 'pages=many'), "dump.txt: line 100: found '0x(ptrval)"],
  ['vmallocinfo', () => '0x1-0x2 4096 [module] vmalloc', "dump.txt: line 100: found '0x1-0x2 4096 [module]"],
  ['slabinfo', (text) => text.replace('2.1', '1.1'), "dump.txt: line 100: found 'slabinfo - version: 1.1'"],
  ['slabinfo', (text) => text.replace(/ : slabdata +0/, ''), 'dump.txt: line 102: found '],
  ['iomem', (text) => text.replace('00100000-', '00000800-'), "dump.txt: line 108: found '00000800-3ffdffff"],
  ['iomem', (text) => text.replace('  000f0000', '    000f0000'), 'dump.txt: line 107: found '],
  ['iomem', (text) => text.replace('  01000000', '  00000100'), 'dump.txt: line 109: found '],
  [
    'iomem',
    (text) => text.replace(/[0-9a-f]{8,}/g, '00000000'),
    "dump.txt: line 100: found '00000000-00000000 : Reserved', expected real addresses. Read /proc/iomem as root",
  ],
  [
    'kernel_page_tables',
    (text) => text.replace('620K', '624K'),
    "dump.txt: line 103: found '0xc0000000-0xc009b000",
  ],
  ['kernel_page_tables', (text) => text.replace('GLB x', 'GLB y'), 'dump.txt: line 103: found '],
  ['maps', (text) => text.replace(' r--p ', ' r--q '), 'dump.txt: line 100: found '],
  ['smaps', (text) => text.replace('Rss: ', 'Rss '), 'dump.txt: line 104: found '],
  ['pmap', (text) => text.replace(/total kB +\d/, 'total kB   99'), 'dump.txt: line 140: found '],
  ['pagemap', (text) => text.replace('# map', '# mop'), 'dump.txt: line 101: found '],
  ['kernel_page_tables', (text) => text.replace('---[ ', '--- '), 'dump.txt: line 100: found '],
];

describe('a report that no kernel prints', () => {
  it.each(FAULTS)('%s is refused at its line', (kind, change, message) => {
    expect(damaged(kind, change)).toMatch(new RegExp(`^${message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`));
  });

  it.each(Object.keys(PROC_PARSERS) as ProcName[])(
    '%s cut after any line is whole or refused, never half read',
    (kind) => {
      const { text } = reports.find((report) => report.kind === kind)!;
      const whole = PROC_PARSERS[kind](text);
      const lines = text.trimEnd().split('\n');
      for (let count = 1; count < lines.length; count++) {
        const cut = lines.slice(0, count).join('\n');
        let result: unknown;
        try {
          result = PROC_PARSERS[kind](cut);
        } catch (error) {
          expect(error).toBeInstanceOf(ImportError);
          continue;
        }
        expect(result).not.toEqual(whole);
      }
    },
  );
});

describe('several reports in one text', () => {
  it('come with their moment, name and line', () => {
    const text = '=== a\n--- buddyinfo\nx\n--- zoneinfo\ny\nz\nring order 1\n=== b\n--- buddyinfo\nw\n';
    expect(
      procSections(text, 'f').map(({ label, name, text, place }) => [label, name, text, place.firstLine]),
    ).toEqual([
      ['a', 'buddyinfo', 'x', 3],
      ['a', 'zoneinfo', 'y\nz', 5],
      ['b', 'buddyinfo', 'w\n', 10],
    ]);
  });

  it('may stand between marks', () => {
    const text = '### START\n### BEGIN meminfo\nx\n### END\nnote\n### BEGIN iomem\ny\n### END\n### DONE\n';
    expect(procSections(text, 'f').map(({ name, text }) => [name, text])).toEqual([
      ['meminfo', 'x'],
      ['iomem', 'y'],
    ]);
  });
});
