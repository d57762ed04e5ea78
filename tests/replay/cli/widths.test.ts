/** What fits a terminal: tables, sentences and the progress line at 80 and at 200 columns, and in a pipe. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { layoutNames } from '../../../core/index.ts';
import { EXAMPLES } from '../../../workloads/index.ts';
import { atDepth, FULL } from '../../support/depth.ts';
import { DISTINCT_LAYOUTS } from '../../support/distinct-layouts.ts';
import { temporaryFolder, vmsplit } from './vmsplit.ts';

const DIFF = 'diff workload:drivers --events 3000 --layouts';
const LAYOUTS = FULL ? layoutNames() : DISTINCT_LAYOUTS.filter((_, i) => i % 8 === 0);
const COMMANDS = [
  `${DIFF} linux-3g1g,linux-2g2g`,
  `${DIFF} linux-3g1g,linux-2g2g,linux-x86_64`,
  `${DIFF} linux-3g1g,linux-2g2g,linux-1g3g,linux-2g2g-opt-nohighmem,linux-x86_64-la57`,
  `${DIFF} linux-3g1g:vmalloc=16M,linux-2g2g`,
  'diff workload:highmem --events 3000 --ram 8G',
  ...(FULL ? ['diff workload:highmem --events 60000 --ram 8G'] : []),
  'replay workload:prefork --events 3000 --reclaim',
  'layouts',
  'layouts --ram 8G',
  ...LAYOUTS.map(({ name }) => `layouts ${name} --ram 2G`),
  'explain 0xc1234567',
  'explain 0xffff888001234567 --layout linux-x86_64 --caches',
  'explain --trace workload:kmalloc-dma --event 4 --layout 3g1g',
  `verify process tests/fixtures/userspace/${FULL ? 'memdance' : 'true'}`,
  ...(FULL ? ['sweep workload:drivers --events 1000 --vary vmalloc=128M,256M --jobs 1'] : []),
  'record --list',
  'record drivers --options',
  'example',
  ...EXAMPLES.slice(0, atDepth({ quick: 2, full: EXAMPLES.length })).map(({ name }) => `example ${name}`),
];

/** The lines of a command at a terminal of so many columns; the line that repeats it stays whole, to be copied. */
async function linesOf(command: string, columns?: number): Promise<string[]> {
  const { out } = await vmsplit(command, columns === undefined ? {} : { terminal: ['stdout'], columns });
  return stripVTControlCharacters(out)
    .split('\n')
    .filter((line) => !line.startsWith('reproduce: '));
}

const widest = (lines: readonly string[]): number => Math.max(...lines.map((line) => line.length));
const words = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => line.split(/\s+/)).filter((word) => word !== '');

describe.each(COMMANDS)('%s', (command) => {
  it('fits 80 and 200 columns, and loses and breaks no word', async () => {
    const [narrow, wide] = [await linesOf(command, 80), await linesOf(command, 200)];
    expect([command, widest(narrow) <= 80, widest(wide) <= 200]).toEqual([command, true, true]);
    const known = new Set(words(wide));
    // How fast it was replayed differs from run to run.
    expect(words(narrow).filter((word) => !known.has(word) && !/^\d\.\d$/.test(word))).toEqual([]);
    expect(narrow.filter((line) => line.endsWith(' '))).toEqual([]);
  });
});

describe('diff', () => {
  it('has its layouts side by side as long as they fit, and then below each other', async () => {
    const layouts = ['linux-3g1g', 'linux-2g2g', 'linux-1g3g', 'linux-2g2g-opt', 'linux-x86_64'];
    const heads = async (count: number, columns: number): Promise<string[]> => {
      const lines = await linesOf(`${DIFF} ${layouts.slice(0, count)}`, columns);
      return lines.filter((line) => /^ +linux-/.test(line) && !line.includes(':')).map((line) => line.trim());
    };
    expect((await heads(3, 80)).map((line) => line.split(/ +/))).toEqual([layouts.slice(0, 3)]);
    expect((await heads(5, 200)).map((line) => line.split(/ +/))).toEqual([layouts]);
    expect((await heads(5, 80)).map((line) => line.split(/ +/).length)).toEqual([3, 2]);
  });

  it('keeps a figure beside its unit where a cell is broken', async () => {
    const lines = await linesOf(`${DIFF} linux-3g1g,linux-2g2g,linux-x86_64`, 80);
    expect(lines.filter((line) => /^ *([KMGT]iB|ns|ms|s)\b/.test(line))).toEqual([]);
    expect(lines.filter((line) => line.includes(' MiB of'))).not.toEqual([]);
  });
});

describe('a pipe', () => {
  it('is what a terminal gets that does not know its size', async () => {
    expect(await linesOf('quiz --seed 1 --kind classify', 0)).toEqual(
      await linesOf('quiz --seed 1 --kind classify'),
    );
  });

  it('gets tables of at most 120 columns, and sentences in one line each', async () => {
    expect(widest(await linesOf('layouts'))).toBeLessThanOrEqual(120);
    expect(widest(await linesOf('layouts'))).toBeGreaterThan(100);
    expect(widest(await linesOf('explain 0xc1234567'))).toBeGreaterThan(120);
  });
});

describe('the progress line', () => {
  const WIDTHS = atDepth({ quick: [80], full: [80, 200, 70] });

  it.each(WIDTHS)('has its time left at %i columns, whatever the name', async (columns) => {
    const folder = join(temporaryFolder(), 'a-long-name-of-a-folder/'.repeat(8));
    mkdirSync(folder, { recursive: true });
    for (const output of [`${folder}the-name.vmt`, join(temporaryFolder(), 'b')]) {
      await vmsplit(`record drivers --events 40000 -o ${output}`);
      const { err } = await vmsplit(`replay ${output}`, { terminal: ['stderr'], columns });
      const bars = stripVTControlCharacters(err)
        .split(/(?=replaying )/)
        .filter((bar) => bar.startsWith('replaying'));
      expect(bars.length).toBeGreaterThan(0);
      for (const bar of bars) {
        expect(bar).toMatch(/^replaying .*(-name.vmt|\/b) \d+% \S+ left \[[=-]{8,40}\] .* M events\/s/);
        expect(bar.trimEnd().length).toBeLessThanOrEqual(columns);
      }
    }
  });
});
