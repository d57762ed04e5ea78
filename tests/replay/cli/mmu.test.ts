/** The option --mmu: presets, settings, JSON files; what it changes, and what it refuses. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MMU_PRESETS } from '../../../core/index.ts';
import type { LayoutResult, ReplayResult } from '../../../replay/index.ts';
import { parseMmu } from '../../../replay/spec/mmu-settings.ts';
import { temporaryFolder, vmsplit } from './vmsplit.ts';

const REPLAY = 'replay workload:prefork --events 3000 --layout linux-x86_64';

describe('settings', () => {
  test.each([
    ['kpti=on', { kpti: true }],
    ['i486,seed=7', { ...MMU_PRESETS.i486!.options, seed: 7 }],
    ['l1d=16x4', { l1d: { sets: 16, ways: 4 } }],
    ['l1d.large=8x4', { l1d: { sets: 16, ways: 4, large: { sets: 8, ways: 4 } } }],
    ['l2=none,l2i=4x2', { l2: { sets: 1, ways: 0 }, l2i: { sets: 4, ways: 2 } }],
    // A later setting changes what it names only.
    [
      'skylake,l1d=32x2',
      {
        ...MMU_PRESETS.skylake!.options,
        l1d: { sets: 32, ways: 2, large: { sets: 8, ways: 4 }, huge: { sets: 1, ways: 4 } },
      },
    ],
    [
      'pdpteCache=1x4,replacement=fifo,unifiedL1=off',
      { pdpteCache: { sets: 1, ways: 4 }, replacement: 'fifo', unifiedL1: false },
    ],
  ])('%s', (text, options) => {
    expect(parseMmu(text)).toEqual(options);
  });
});

describe('a replay', () => {
  test('tells the misses of another MMU, and nothing else differently but time', async () => {
    const [plain, other] = await Promise.all(['', '--mmu i486,pcid=on,kpti=on,pml4eCache=1x2'].map(resultOf));
    expect(other!.tlb.walks).toBeGreaterThan(plain!.tlb.walks);
    expect(other!.tlb).toMatchObject({ l2Hits: 0, translations: plain!.tlb.translations });
    expect(other!.tlb.pml4eCacheHits).toBeGreaterThan(0);
    expect(other!.tlb.kptiSwitches).toBeGreaterThan(0);
    expect(other!.simulatedNs).toBeGreaterThan(plain!.simulatedNs);
    for (const same of ['allocations', 'references', 'faults', 'failures'] as const)
      expect(other![same]).toEqual(plain![same]);
  });

  test('takes the same settings from a JSON file, and says in its last line how to repeat it', async () => {
    const file = join(temporaryFolder(), 'mmu.json');
    writeFileSync(file, '{ "preset": "skylake", "l1d.large": "2x1", "kpti": true, "seed": 3 }');
    const [typed, read] = await Promise.all(
      ['--mmu skylake,l1d.large=2x1,kpti=on,seed=3', `--mmu ${file}`].map(resultOf),
    );
    expect(read!.tlb).toEqual(typed!.tlb);
    const { out } = await vmsplit(`${REPLAY} --mmu skylake`);
    expect(out).toMatch(/reproduce: .*--mmu skylake/);
    expect(out).toMatch(/PDE cache hits/);
  });
});

/** What a report says of its one layout. */
async function resultOf(options: string): Promise<LayoutResult> {
  const { out } = await vmsplit(`${REPLAY} ${options} --json`);
  const { layouts }: ReplayResult = JSON.parse(out);
  return layouts[0]!;
}

describe('mistakes', () => {
  test.each([
    ['constructor', /--mmu: preset: found constructor, expected one of i486/],
    ['__proto__', /--mmu: preset: found __proto__, expected one of i486/],
    ['toString=1', /--mmu: toString: found toString, expected one of/],
    ['skylak', /--mmu: preset: found skylak, expected one of i486, .*; did you mean skylake\?/],
    ['l1x=16x4', /--mmu: l1x: found l1x, expected one of l1i, .*; did you mean l1i\?/],
    ['pdeCache.large=1x1', /pdeCache\.large: found pdeCache\.large, expected one of/],
    ['l1d=16', /--mmu: l1d: found "16", expected sets x ways such as 16x4, or none/],
    ['kpti=yes', /--mmu: kpti: found "yes", expected on or off/],
    ['seed=x', /seed: found "x", expected a whole number/],
    ['replacement=mru', /mmu replacement: found "mru", expected one of lru, fifo, plru, random/],
    ['l1d=12x4', /TLB l1d: 12 sets of 4 ways; expected a power of two up to 65536 sets and 1 to 1024 ways/],
    ['l1d=none', /TLB l1d: 1 sets of 0 ways/],
    ['skylake,replacement=plru', /TLB l2: 12 ways with replacement plru; expected a power of two up to 32/],
    ['seed=4294967296', /mmu seed: found 4294967296, expected a whole number from 0 to 4294967295/],
    ['nothing.json', /nothing\.json.*no such file/],
  ])('%s', async (settings, message) => {
    const { code, err } = await vmsplit(`${REPLAY} --mmu ${settings}`);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n {4}at /);
    expect(code).toBe(2);
  });

  test('page-table isolation needs PAE', async () => {
    const { code, err } = await vmsplit('explain 0xc0000000 --layout linux-3g1g --mmu kpti=on');
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(
        /mmu kpti: linux-3g1g has page tables of two levels; expected an x86 layout with PAE/,
      ),
    ]);
  });

  test.each([['[1]'], ['{'], ['{"l1d": {}}']])('a file with %s', async (text) => {
    const file = join(temporaryFolder(), 'mmu.json');
    writeFileSync(file, text);
    const { code, err } = await vmsplit(`${REPLAY} --mmu ${file}`);
    expect([code, err]).toEqual([2, expect.stringMatching(/mmu\.json.*expected/)]);
  });
});
