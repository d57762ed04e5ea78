/** What is said of machines that were tried, and in which order. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ranked, type TriedCandidate } from '../../../replay/advise/cures/judging.ts';
import { rulesFor } from '../../../replay/advise/cures/rules.ts';
import type { LaneFigures } from '../../../replay/advise/cures/trial.ts';
import { advise, findings, recognise, together, verdictOf } from '../../../replay/advise/index.ts';
import { viewNamed } from '../../../replay/views/index.ts';
import { failureReports } from '../../../traces/report/reports.ts';
import { FULL } from '../../support/depth.ts';
import { machineOf, Session } from '../../support/rows.ts';

const MIB = 2 ** 20;
const FIGURES: LaneFigures = {
  lowBytes: 800 * MIB,
  lowFreeBytes: 0,
  vmallocBytes: 120 * MIB,
  vmallocHoleBytes: 0,
  userBytes: 3072 * MIB,
  usedBytes: 2048 * MIB,
};

function tried(
  name: string,
  means: TriedCandidate['means'],
  cures: boolean,
  lowBytes = 800 * MIB,
): TriedCandidate {
  return { name, means, cures, lane: name, why: '', figures: { ...FIGURES, lowBytes } };
}

test('cures come first, a word on the command line before a build, and of equal means what loses least', () => {
  const list = [
    tried('more RAM', 'hardware', true),
    tried('no use', 'boot option', false),
    tried('64 bits', '64-bit kernel', true),
    tried('2G', 'other build', true),
    tried('dear', 'boot option', true, 600 * MIB),
    tried('cheap', 'boot option', true, 700 * MIB),
    { ...tried('impossible', 'boot option', false), figures: undefined },
  ];
  expect(ranked(list, FIGURES).map(({ name }) => name)).toEqual([
    'cheap',
    'dear',
    '2G',
    '64 bits',
    'more RAM',
    'no use',
    'impossible',
  ]);
});

const REPORTS = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/reports/grammar.json'), 'utf8'),
) as { readonly id: string; readonly log: readonly string[] }[];

async function adviceOn(...texts: readonly string[]) {
  const evidence = together(texts.map((text, i) => recognise(text, `file ${i}`)));
  return advise(evidence, { text: async (path) => texts[Number(path.slice(5))]! });
}

function logOf(id: string): string {
  return REPORTS.find((one) => one.id === id)!.log.join('\n');
}

/** Given once for each: some are looked at by several tests. */
function adviceOf(id: string): ReturnType<typeof adviceOn> {
  if (!advices.has(id)) advices.set(id, adviceOn(logOf(id)));
  return advices.get(id)!;
}
const advices = new Map<string, ReturnType<typeof adviceOn>>();

describe('what is replayed', () => {
  type Row = [id: string, cures: string[], doesNot: string[]];
  const each: Row[] = [
    // Tables of PAE have half as many entries; a split that makes all of the RAM low memory needs no window.
    [
      'i386-3.16-pae-kmap',
      ['linux-3g1g', 'linux-1g3g-pae', 'linux-x86_64'],
      ['linux-2g2g-pae', 'vmalloc=64M'],
    ],
    ['x86_64-4.19-swiotlb', ['swiotlb=65536', 'mem=4G'], []],
    // Half of what CMA has at most, however much of it is in use.
    ['arm-5.15-lpae-order5-cma', ['cma=128M', 'vmalloc=128M', 'linux-arm64-48'], ['mem=1920M']],
    ['i386-4.4-pae-16g', ['vmalloc=64M', 'linux-2g2g-pae', 'linux-x86_64'], ['32.0 GiB of RAM']],
  ];
  const others: Row[] = [
    ['i386-3.2-no-pae', ['linux-3g1g-pae', 'linux-x86_64'], ['vmalloc=64M', 'linux-2g2g']],
    // As large a low memory is as much in pieces.
    ['arm-3.10-irq-order3', ['512.0 MiB of RAM'], ['linux-arm64-48', 'linux-arm-2g2g']],
    // As much RAM is used up as well.
    ['arm-3.4-oom', ['256.0 MiB of RAM'], ['linux-arm64-48', 'linux-arm-2g2g']],
    // vmalloc() has addresses, and lacks pages.
    ['arm64-6.10-vmalloc-pages', ['4.0 GiB of RAM'], ['mem=1024M']],
    // High memory that is free there is memory like any other with 64 bits.
    ['i386-2.6.18-mark-of-order', ['linux-2g2g-pae', 'linux-x86_64'], ['34.0 GiB of RAM']],
  ];
  test.each([...each, ...(FULL ? others : [])])('%s', async (id, cures, doesNot) => {
    const { tried } = await adviceOf(id);
    // A kernel without PAE is for its kmap window alone.
    expect(tried!.candidates.some(({ name }) => name === 'linux-3g1g')).toBe(id === 'i386-3.16-pae-kmap');
    expect(tried!.reproduces).toBe(true);
    const of = (cures: boolean) =>
      tried!.candidates.filter((one) => one.cures === cures).map(({ name }) => name);
    expect(of(true)).toEqual(expect.arrayContaining(cures));
    expect(of(false)).toEqual(expect.arrayContaining(doesNot));
  });

  test('of a pool that the report counts has its size', async () => {
    const log = `${logOf('x86_64-4.19-swiotlb')}\nnvme: swiotlb buffer is full (sz: 65536 bytes), total 4096 (slots), used 4090 (slots)`;
    const { machine, tried, state } = await adviceOn(log.replace(/^.*\(sz: 131072 bytes\)$/gm, ''));
    expect(machine!.lane.swiotlb).toBe(4096);
    expect(state!.told).toEqual([expect.stringMatching(/^the 8\.0 MiB of bounce buffers/)]);
    expect(tried!.candidates.map(({ name }) => name)).toContain('swiotlb=8192');
  });

  test('nothing is of what no machine here has: that is told by rule', async () => {
    for (const id of ['arm-2.6.35-insmod', 'x86_64-5.4-percpu-modules']) {
      const { rules, tried } = await adviceOn(logOf(id));
      expect([rules.helps.length > 0, tried]).toEqual([true, undefined]);
    }
  });
});

test('more is kept free than all zones keep together', () => {
  const [report] = failureReports(logOf('x86_64-6.6-numa-order4'));
  const { helps } = rulesFor(verdictOf(report!, {})!, report!.arch, true);
  // 43608 + 45332 + 1292 + 4 are kept.
  expect(helps[0]!.name).toBe('vm.min_free_kbytes=180472');
});

test('who wants it to end is heard within a machine, and within a state', async () => {
  const log = logOf('i386-4.4-pae-16g');
  const evidence = together([recognise(log, 'file 0')]);
  const files = { text: async () => log };
  const controller = new AbortController();
  const seen: number[] = [];
  const onProgress = (done: number): void => {
    seen.push(done);
    if (done === 2) controller.abort();
  };
  await expect(advise(evidence, files, { signal: controller.signal, onProgress })).rejects.toThrow(/abort/i);
  expect(seen).toEqual([0, 1, 2]);
  let pauses = 0;
  const pause = async (): Promise<void> => {
    if (++pauses === 3) throw new Error('enough');
  };
  await expect(findings(evidence, files, {}, pause)).rejects.toThrow('enough');
});

test('a vmalloc window that the log has otherwise is told, and one that is the same is not', async () => {
  const { notes } = await adviceOn(logOf('arm-2.6.35-insmod'));
  expect(notes).toContainEqual(
    expect.stringMatching(
      /^the log's vmalloc window has 344\.0 MiB \(line 12\), that of the layout 520\.0 MiB/,
    ),
  );
  const same = await adviceOf('i386-4.4-pae-16g');
  expect(same.notes.join()).not.toContain('vmalloc window');
});

test('of several recordings none is looked into', async () => {
  const evidence = { logs: [], traces: ['one.vmt', 'other.vmt'], unused: [] };
  const events = async (): Promise<never> => {
    throw new Error('is not opened');
  };
  const files = { text: async () => '' };
  await expect(advise(evidence, files, { events })).rejects.toThrow(
    /found 2 recordings, one\.vmt, other\.vmt, and no log of a failure; expected one recording/,
  );
});

test('of machines that lose as much, give or take some MiB, the plainer stays first', () => {
  const list = [
    tried('plain', 'other build', true, 797 * MIB),
    tried('other', 'other build', true, 800 * MIB),
    tried('dear', 'other build', true, 700 * MIB),
  ];
  expect(ranked(list, FIGURES).map(({ name }) => name)).toEqual(['plain', 'other', 'dear']);
});

test('a pool is as large as the command line has it, and less RAM has to be enough', async () => {
  const line = '[    0.000000] Kernel command line: root=/dev/sda1 swiotlb=65536\n';
  const { state, tried } = await adviceOn(`${line}${logOf('x86_64-4.19-swiotlb')}`);
  expect(state!.told[0]).toMatch(/^the 128\.0 MiB of bounce buffers/);
  expect(tried!.candidates.find(({ name }) => name === 'mem=4G')!.why).toMatch(
    /whether that RAM is enough \/proc\/zoneinfo tells; what every device reaches is not bounced$/,
  );
});

test('a group at its limit needs no file of the machine’s memory', async () => {
  const whatOf = async (id: string) => (await adviceOn(logOf(id))).missing.map(({ what }) => what);
  expect(await whatOf('arm64-5.10-cgroup')).toEqual(['the log of the boot']);
  expect(await whatOf('x86_64-4.9-slab')).toContain('/proc/zoneinfo and /proc/buddyinfo');
});

test('a smaller vmalloc window that does not hold what was in it is no cure', async () => {
  const log = logOf('i386-2.6.9-oom-zones');
  const session = new Session(machineOf('linux-3g1g', 1024));
  for (let object = 1; object <= 5; object++) session.do({ kind: 'vmalloc', object, size: 16 * MIB });
  const areas = viewNamed('vmallocinfo').text(session.machine);
  const verdictOf = async (...texts: readonly string[]) => {
    const evidence = together(texts.map((text, i) => recognise(text, `file ${i}`)));
    const { tried } = await advise(evidence, { text: async () => log });
    return tried!.candidates.find(({ name }) => name.startsWith('vmalloc='))!;
  };
  expect(await verdictOf(log, areas)).toMatchObject({
    cures: false,
    why: expect.stringMatching(/^what the vmalloc window held does not fit into \d+\.\d MiB$/),
  });
  expect((await verdictOf(log)).why).not.toMatch(/^what the vmalloc window held/);
});

test.runIf(FULL)(
  'a failure report that counts more memory than the boot log has is told: it is of another boot',
  async () => {
    const path = 'tests/fixtures/memory-map/i386-3g-pae_4096.dmesg.gz';
    const boot = gunzipSync(readFileSync(path)).toString('latin1');
    const reports = JSON.parse(readFileSync('tests/fixtures/reports/reports.json', 'utf8')) as typeof REPORTS;
    const larger = reports.find(({ id }) => id === 'i386-pae-36g-order3')!.log.join('\n');
    const { notes } = await adviceOn(`${boot}${larger}`);
    expect(notes).toContainEqual(
      expect.stringMatching(
        /^the report at line \d+ counts 3\d\.\d GiB of memory, the log has 4\.0 GiB: are they/,
      ),
    );
    const same = await adviceOf('i386-4.4-pae-16g');
    expect(same.notes.join()).not.toContain('of the same boot');
  },
);
