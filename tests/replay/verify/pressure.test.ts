/** Captures of memory pressure: their dumps and scripts, and what counts as right. */
import { describe, expect, it, test } from 'vitest';
import { pressureCaptureOf } from '../../../replay/verify/pressure/capture.ts';
import { isInRange, type PressureFigure, pressureFigures } from '../../../replay/verify/pressure/compare.ts';
import { parseDumps } from '../../../replay/verify/pressure/dumps.ts';
import { readExpression } from '../../../replay/verify/pressure/expression.ts';
import { PROGRAMS } from '../../../replay/verify/pressure/programs.ts';
import type { PressureMark } from '../../../replay/verify/pressure/run.ts';
import { parseScript, runScript, type ScriptMachine } from '../../../replay/verify/pressure/script.ts';

describe('dumps', () => {
  const text = `### FILE /proc/sys/vm/swappiness
60
### MARK start
### FILE /proc/vmstat
pswpout 7
### NOTE R 100 N 12 base 7f00
### MARK half
### PAGEMAP pid 8 anon 1000-5000 (a legend)
0 2 swapped 9 -
2 1 present 30 exclusive
3 4 none 0
### CACHED /mnt/f (a legend)
0 3 -
3 2 cached
`;
  it('are files of the run, then marks with what was read there', () => {
    const { files, marks, notes } = parseDumps(text, 'dumps.txt');
    expect(files.get('/proc/sys/vm/swappiness')).toBe('60\n');
    expect(marks.map(({ name }) => name)).toEqual(['start', 'half']);
    expect(marks[0]!.files.get('/proc/vmstat')).toBe('pswpout 7\n');
    expect(notes).toEqual(['R 100 N 12 base 7f00']);
    expect(marks[1]!.pagemaps.get('anon')).toEqual([
      { first: 0, count: 2, state: 'swapped', value: 9, step: -1 },
      { first: 2, count: 1, state: 'present', value: 30, step: 1 },
      { first: 3, count: 4, state: 'none', value: 0, step: 1 },
    ]);
    expect(marks[1]!.cached.get('/mnt/f')).toEqual([
      { first: 0, count: 3, cached: false },
      { first: 3, count: 2, cached: true },
    ]);
  });

  it('give a script its numbers: notes, the command line, memory in pages', () => {
    const dumps = `### FILE /proc/cmdline\nscn=x M=4 holders=1:0\n${text.replace('### FILE /proc/vmstat', '### FILE /proc/meminfo\nMemTotal: 80 kB\n### FILE /proc/vmstat')}`;
    const script = { name: 's', text: 'begin start\nexit' };
    const { given } = pressureCaptureOf('c', [{ name: 'd', text: dumps }], script);
    expect(Object.fromEntries(given.numbers)).toEqual({ MemTotal: 20, M: 4, R: 100, N: 12 });
    expect(Object.fromEntries(given.lists)).toEqual({ scn: 'x', holders: '1:0' });
  });

  test.each([
    [[], undefined, /found no file, expected the dumps of a machine under memory pressure/],
    [[text], undefined, /found no program on the kernel command line \(scn=\), expected one of swap, cache/],
    [[text], 'begin nowhere', /found marks start, half, expected 'nowhere', which the script begins from/],
  ])('%# are refused in words', (texts, script, message) => {
    const files = texts.map((one, i) => ({ name: `f${i}`, text: one }));
    const own = script === undefined ? undefined : { name: 's', text: script };
    expect(() => pressureCaptureOf('c', files, own)).toThrow(message);
  });
});

test.each([
  ['2+3*4', 14],
  ['(2+3)*4', 20],
  ['N-N/2-1', 3],
  ['i*8%12==4', 1],
  ['7-2-1', 4],
  ['1==2', 0],
])('%s is %d', (text, value) => {
  expect(readExpression(text, 'here')(new Map([...VALUES]))).toBe(value);
});
const VALUES = new Map([
  ['N', 8],
  ['i', 2],
]);

test.each([
  ['1+', /here: found '1\+', expected an expression of numbers and names; of 'nothing'/],
  ['M', /of 'M' the capture says nothing/],
  ['(1', /found '\(1', expected an expression/],
  ['1 2', /expected an expression/],
  ['1%0', /does not divide by 0/],
  ['1$', /expected an expression/],
])('%s is none', (text, message) => {
  expect(() => readExpression(text, 'here')(VALUES)).toThrow(message);
});

/** Writes down what it is told to do; lives through so many questions. */
function recorder(lives = 0): ScriptMachine & { readonly told: string[] } {
  const told: string[] = [];
  const note =
    (verb: string) =>
    (...words: readonly unknown[]): void => {
      told.push([verb, ...words].join(' '));
    };
  let left = lives;
  return {
    told,
    process: note('process'),
    exit: note('exit'),
    anon: note('anon'),
    file: note('file'),
    mapFile: note('mapfile'),
    touch: note('touch'),
    readFile: note('pread'),
    kmalloc: note('kmalloc'),
    slab: note('slab'),
    extents: note('extents'),
    recall: note('recall'),
    mark: note('mark'),
    hugeAnon: note('hugeanon'),
    calls: {
      unmap: note('unmap'),
      advise: note('madvise'),
      protect: note('mprotect'),
      move: note('mremap'),
      fork: note('fork'),
      switchTo: note('switch'),
      sleep: note('sleep'),
      waitFor: note('wait'),
      step: note('step'),
      compactAll: note('compactall'),
      disk: { direct: note('dread'), buffered: note('bread') },
    },
    isAlive: () => left-- > 0,
  };
}

describe('scripts', () => {
  const told = (text: string, lives?: number): string[] => {
    const machine = recorder(lives);
    const lists = new Map([['sizes', '5:-20,6']]);
    runScript(parseScript(`begin start\n${text}`, 's'), { numbers: VALUES, lists }, machine);
    return machine.told;
  };

  test.each<[string, string[]]>([
    ['anon a N*2 # words', ['anon a 16']],
    ['extents N*2 i\nrecall f N 4 2', ['extents 16 2', 'recall f 8 4 2']],
    ['write a 0 N\nread a i 1', ['touch a 0 8 true', 'touch a 2 1 false']],
    ['repeat 2 as k\nmark m{k}\nend\nmark end', ['mark m0', 'mark m1', 'mark end']],
    [
      'each sizes as mb adj n\nprocess p{n} adj\nanon h{n} mb\nend',
      ['process p0 -20', 'anon h0 5', 'process p1 0', 'anon h1 6'],
    ],
    ['default x 3\ndefault N 9\nif x==3\nkmalloc N 1\nend\nif 0\nexit\nend', ['kmalloc 8 1']],
  ])('%j', (text, expected) => {
    expect(told(text)).toEqual(expected);
  });

  it('go on until the process is killed', () => {
    expect(told('forever\nslab c 64 2\nend\nmark end', 2)).toEqual([
      'slab c 64 2',
      'slab c 64 2',
      'mark end',
    ]);
  });

  test.each([
    ['anon a', /s, line 2: found 'anon a', expected one of default, process/],
    ['leap', /found 'leap'/],
    ['repeat 2', /found the end of the script, expected 'end' first/],
    ['end', /found 'end' of nothing/],
    ['each other as a\nend', /of the list 'other' the capture says nothing/],
  ])('%j is refused', (text, message) => {
    expect(() => told(text)).toThrow(message);
  });

  it('of the captured programs can be read', () => {
    for (const [name, text] of Object.entries(PROGRAMS))
      expect(parseScript(text, name).statements.length).toBeGreaterThan(3);
  });
});

const COMPACTED = { compactStalls: 0, compactSuccesses: 0, migrated: 0, migrateScanned: 0 };

describe('figures', () => {
  const counts = {
    pswpout: 1000,
    pswpin: 0,
    scanned: 0,
    stolen: 0,
    kswapdRuns: 100,
    directReclaims: 0,
    ...COMPACTED,
  };
  const mark = (places: readonly number[], other: Partial<typeof counts> = {}): PressureMark => ({
    name: 'm',
    counts: { ...counts, ...other },
    places: new Map([['anon', Int32Array.from(places)]]),
    cached: new Map(),
  });
  const figures = (truth: PressureMark, predicted: PressureMark, killed: readonly string[][] = [[], []]) =>
    pressureFigures(
      { marks: [truth], killed: killed[0]!, evicted: [], bounced: [] },
      {
        marks: [predicted],
        killed: killed[1]!,
        evicted: new Map(),
        direct: [],
        kswapd: [],
        refused: 0,
        steps: new Map(),
        afterEnd: undefined,
        bounced: [],
      },
    );
  const percents = (...args: Parameters<typeof figures>): Record<string, number> =>
    Object.fromEntries(figures(...args).map(({ what, percent }) => [what, percent]));

  it('are as right as they are near, and few are a chance', () => {
    const found = percents(
      mark([]),
      mark([], { pswpout: 1100, pswpin: 50, kswapdRuns: 80, directReclaims: 4 }),
    );
    expect(found).toMatchObject({
      'pages out': 90,
      'pages in': 100,
      'kswapd runs': 80,
      'direct reclaims': 100,
    });
  });

  test.each<[string, Partial<PressureFigure>, boolean]>([
    ['a count that other disks reach', { isCount: true, range: [80, 120] }, true],
    ['a count that they do not', { isCount: true, range: [80, 99] }, false],
    ['a set of another size', { range: [80, 120], bestPercent: 90 }, false],
    ['a set that one of them makes', { range: [80, 90], bestPercent: 99 }, true],
    ['no disk that has a say', { isCount: true }, false],
  ])('%s: in range %#', (_, figure, expected) => {
    const whole = { mark: 'm', what: 'w', truth: '100', predicted: '90', percent: 90, least: 98, first: '' };
    expect(isInRange({ ...whole, ...figure })).toBe(expected);
  });

  it('pages are right where both have them in memory, or neither', () => {
    const found = figures(mark([-1, 5, -1, -1]), mark([-1, -1, 7, -1]));
    expect(found.find(({ what }) => what === 'present, anon')).toMatchObject({
      percent: 50,
      truth: '3',
      predicted: '3',
      first: 'page 1 is gone, predicted present',
    });
  });

  it('victims are in order where neighbours are, by their slots', () => {
    const found = percents(mark([10, 11, 12, 13, 14]), mark([20, 21, 19, 22, -1]));
    expect(found).toMatchObject({ 'victims in order': 200 / 3, 'first victim': 0 });
  });

  it('the killed are named one after the other; of one nobody knows the name', () => {
    const killed = (truth: string[], predicted: string[]): number =>
      percents(mark([]), mark([]), [truth, predicted]).killed!;
    expect(killed(['a', 'another'], ['a', 'eater'])).toBe(100);
    expect(killed(['a', 'b'], ['a', 'c'])).toBe(50);
    expect(killed([], ['a'])).toBe(0);
  });
});
