/** Views of a process: their text, what they count, and that they agree with one another as a real kernel's do. */
import { describe, expect, test } from 'vitest';
import { WRITE } from '../../../core/event/access-mode.ts';
import {
  MAP_POPULATE,
  MAP_SHARED,
  PLACE_STACK,
  PLACE_TEXT,
  PLACE_VDSO,
  PROT_EXEC,
  PROT_READ,
} from '../../../core/event/mmap-flags.ts';
import { fold } from '../../../core/fold/fold.ts';
import { activate } from '../../../core/pages/lru.ts';
import { PROCESS_VIEWS, viewNamed } from '../../../replay/views/index.ts';
import { PROC_PARSERS, parseMeminfo, parsePagemap, parseSmaps, parseStatus } from '../../../traces/index.ts';
import { WORKLOADS } from '../../../workloads/index.ts';
import { frameOf, look, reclaiming, within } from '../../core/reclaim/looks.ts';
import { batchOfRows, forStreams, randomEvents } from '../../generators/random-events.ts';
import { atDepth } from '../../support/depth.ts';
import { expectAgreement } from '../../support/process-files.ts';
import { access, brk, MIB, machineOf, mlock, mmap, PAGE, RUNNING, RW, Session } from '../../support/rows.ts';

const TEXT = PROT_READ | PROT_EXEC;

/** A program with a file as text, a heap, a locked page, shared memory and a stack; and its child. */
function program(layout: string): Session {
  return new Session(machineOf(layout, 128)).given(
    ...RUNNING,
    { kind: 'file', file: 7, length: 3 * PAGE },
    mmap(1, 3 * PAGE, TEXT | PLACE_TEXT, 7),
    brk(2, 4 * PAGE),
    mmap(3, 8 * MIB, RW | PLACE_STACK),
    mmap(4, PAGE, TEXT | PLACE_VDSO),
    mmap(5, 2 * PAGE, RW | MAP_SHARED),
    mmap(6, PAGE),
    mmap(7, 2 * PAGE),
    access(1, 0, 8),
    access(2, 0, 8, WRITE),
    access(2, PAGE, 8),
    access(3, 8 * MIB - 8, 8, WRITE),
    access(5, 0, 8, WRITE),
    mlock(7, 0, PAGE),
    { kind: 'fork', pid: 2 },
    access(2, 0, 8, WRITE),
  );
}

test('maps, as a 32-bit kernel prints it', () => {
  expect(viewNamed('maps', 1).text(program('linux-3g1g').machine)).toBe(
    [
      '08048000-0804b000 r-xp 00000000 fe:00 7          /file/7',
      '0804b000-0804f000 rw-p 00000000 00:00 0          [heap]',
      'b7ffa000-b7ffb000 rw-p 00000000 00:00 0 ',
      'b7ffb000-b7ffd000 rw-p 00000000 00:00 0 ',
      'b7ffd000-b7fff000 rw-s 00000000 00:01 6          /dev/zero (deleted)',
      'b7fff000-b8000000 r-xp 00000000 00:00 0          [vdso]',
      'bffdf000-c0000000 rw-p 00000000 00:00 0          [stack]',
      '',
    ].join('\n'),
  );
});

test('maps, as a 64-bit kernel prints it: the name in column 74', () => {
  const [first] = viewNamed('maps', 1).text(program('linux-x86_64').machine).split('\n');
  expect(first).toBe('00400000-00403000 r-xp 00000000 fe:00 7                                  /file/7');
});

test('what the kernel maps into a program: code is the vdso, data for it vvar', () => {
  const session = new Session(machineOf('linux-3g1g', 64)).given(
    ...RUNNING,
    mmap(1, PAGE, TEXT | PLACE_VDSO),
    mmap(2, 2 * PAGE, PROT_READ | PLACE_VDSO),
  );
  const names = viewNamed('maps', 1)
    .text(session.machine)
    .match(/\[\w+\]/g);
  expect(names!.toSorted()).toEqual(['[vdso]', '[vvar]']);
});

/** Of the files that a view prints; the two that sum others up are no reports that captures are told by. */
const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  ...PROC_PARSERS,
  status: parseStatus,
  smaps_rollup: parseSmaps,
};

describe('smaps', () => {
  const { machine } = program('linux-3g1g');
  const of = (pid: number) =>
    new Map(
      parseSmaps(viewNamed('smaps', pid).text(machine)).map((one) => [
        one.name || one.start.toString(16),
        one,
      ]),
    );

  test('the zero page is nobody’s; what a child shares is shared until one of them writes', () => {
    expect(of(1).get('[heap]')!.kb).toMatchObject({
      Size: 16,
      Rss: 4,
      Pss: 4,
      Private_Dirty: 4,
      Anonymous: 4,
    });
    expect(of(1).get('[stack]')!.kb).toMatchObject({ Size: 132, Rss: 4, Pss: 2, Shared_Dirty: 4 });
  });

  test('pages of a file are neither anonymous nor dirty', () => {
    // What a fault can fill again is not copied by fork: the child has touched neither.
    expect(of(1).get('/file/7')!.kb).toMatchObject({ Rss: 4, Pss: 4, Private_Clean: 4, Anonymous: 0 });
    expect(of(2).get('/file/7')!.kb).toMatchObject({ Size: 12, Rss: 0 });
    expect(of(2).get('/dev/zero (deleted)')!.kb).toMatchObject({ Size: 8, Rss: 0 });
  });

  test('what is in the swap area is in no frame, and counts as nothing in memory', () => {
    const reclaim = { swapBytes: 64n << 20n };
    const session = new Session(machineOf('linux-3g1g', 64, {}, { reclaim })).given(...RUNNING);
    for (let object = 1; session.counter('pswpout') === 0; object++)
      session.given(mmap(object, MIB, RW | MAP_POPULATE));
    const mappings = parseSmaps(viewNamed('smaps', 1).text(session.machine));
    const residentKb = mappings.reduce((sum, { kb }) => sum + kb.Rss!, 0);
    const { AnonPages } = parseMeminfo(viewNamed('meminfo').text(session.machine));
    expect(residentKb).toBe(AnonPages);
    expect(residentKb).toBeLessThan(mappings.reduce((sum, { kb }) => sum + kb.Size!, 0));
  });

  /** What smaps says of the swap area, of the mapping that object 1 is. */
  const swapOf = ({ machine }: Session, pid: number) => {
    const { Rss, Swap, SwapPss } = parseSmaps(viewNamed('smaps', pid).text(machine))[0]!.kb;
    return { Rss, Swap, SwapPss };
  };
  /** Two pages, of which reclaim takes the second: it goes at the second look. */
  const swappedOut = (flags: number): Session => {
    const session = reclaiming().given(
      ...RUNNING,
      mmap(1, 2 * PAGE, flags),
      access(1, 0, 8, WRITE),
      access(1, PAGE, 8, WRITE),
    );
    const pfn = frameOf(session, 1, 1, 1);
    look(session, pfn);
    expect([look(session, pfn), look(session, pfn)]).toEqual(['queued', 'freed']);
    return session;
  };

  test('Swap counts pages in the swap area; SwapPss shares each among the entries that refer to it', () => {
    const session = swappedOut(RW);
    expect(swapOf(session, 1)).toEqual({ Rss: 4, Swap: 4, SwapPss: 4 });
    session.given({ kind: 'fork', pid: 2 });
    for (const pid of [1, 2]) expect(swapOf(session, pid)).toEqual({ Rss: 4, Swap: 4, SwapPss: 2 });
    session.given(access(1, PAGE, 8));
    expect(swapOf(session, 1)).toEqual({ Rss: 8, Swap: 0, SwapPss: 0 });
    expect(swapOf(session, 2)).toEqual({ Rss: 4, Swap: 4, SwapPss: 4 });
  });

  test('shared memory in the swap area is known to its file: whoever maps it has it as Swap, nobody as SwapPss', () => {
    const session = swappedOut(RW | MAP_SHARED).given({ kind: 'fork', pid: 2 });
    expect(swapOf(session, 1)).toEqual({ Rss: 4, Swap: 4, SwapPss: 0 });
    expect(swapOf(session, 2)).toEqual({ Rss: 0, Swap: 4, SwapPss: 0 });
    session.given(access(1, PAGE, 8));
    expect(swapOf(session, 2)).toEqual({ Rss: 0, Swap: 0, SwapPss: 0 });
  });

  test('all together they are what meminfo says is used of the swap area', () => {
    const session = reclaiming(64, 'linux-3g1g').given(...RUNNING);
    for (let object = 1; session.counter('pswpout') < 6000; object++)
      session.given(mmap(object, MIB, RW | MAP_POPULATE));
    const mappings = parseSmaps(viewNamed('smaps', 1).text(session.machine));
    const { SwapTotal, SwapFree } = parseMeminfo(viewNamed('meminfo').text(session.machine));
    expect(mappings.reduce((sum, { kb }) => sum + kb.Swap!, 0)).toBe(SwapTotal! - SwapFree!);
    expect(SwapTotal! - SwapFree!).toBeGreaterThanOrEqual(4 * 6000);
  });

  test('flags: a stack grows down, a locked page is locked, and not in the child', () => {
    expect(of(1).get('[stack]')!.vmFlags).toEqual(['rd', 'wr', 'mr', 'mw', 'me', 'gd', 'ac']);
    expect(of(1).get('b7ffa000')?.vmFlags ?? of(1).get('b7ffb000')!.vmFlags).toContain('ac');
    // As a real kernel shows it: shared memory is accounted by its file.
    expect(of(1).get('/dev/zero (deleted)')!.vmFlags).toEqual(['rd', 'wr', 'sh', 'mr', 'mw', 'me', 'ms']);
    const locked = [...of(1).values()].filter(({ vmFlags }) => vmFlags.includes('lo'));
    expect(locked.map(({ kb }) => kb.Locked)).toEqual([2]);
    expect([...of(2).values()].filter(({ vmFlags }) => vmFlags.includes('lo'))).toEqual([]);
  });

  test('meminfo counts what is locked', () => {
    expect(parseMeminfo(viewNamed('meminfo').text(machine))).toMatchObject({ Mlocked: 4, Unevictable: 4 });
  });
});

test('pagemap: whose frames they are, and what /proc/kpageflags says of them', () => {
  const pages = parsePagemap(viewNamed('pagemap', 1).text(program('linux-3g1g').machine));
  const frames = pages.flatMap((mapping) => mapping.pages.filter(({ frame }) => frame !== undefined));
  const isAnon = (flags: bigint): boolean => (flags & (1n << 12n)) !== 0n;
  const ofFile = frames.filter(({ file }) => file);
  expect(ofFile.map(({ frame }) => isAnon(frame!.kpageflags)).every((anon) => !anon)).toBe(true);
  const shared = frames.filter(({ frame }) => frame!.mapcount > 1);
  expect(shared.length).toBeGreaterThan(0);
  for (const { exclusive, frame } of frames) expect(exclusive).toBe(frame!.mapcount === 1);
});

test('pagemap: which pages reclaim has seen in use, and which are active', () => {
  const session = reclaiming().given(
    ...RUNNING,
    mmap(1, 3 * PAGE),
    ...[0, 1, 2].map((page) => access(1, page * PAGE, 8, WRITE)),
  );
  look(session, frameOf(session, 1, 1, 1));
  within(session, (draft) => activate(draft, frameOf(session, 1, 1, 2), 0));
  const [mapping] = parsePagemap(viewNamed('pagemap', 1).text(session.machine));
  const [referenced, active] = [1n << 2n, 1n << 6n];
  const told = mapping!.pages.map(({ frame }) => frame!.kpageflags & (referenced | active));
  expect(told).toEqual([0n, referenced, active]);
});

test('which process: the one on cpu 0 by default; one that is not alive is refused', () => {
  const session = program('linux-3g1g');
  expect(viewNamed('pmap').text(session.machine)).toMatch(/^1: {3}process 1\n/);
  expect(() => viewNamed('maps', 9).text(session.machine)).toThrow(/process 9: not alive .*there are 1, 2/);
  session.given({ kind: 'switch', pid: 0 });
  expect(() => viewNamed('maps').text(session.machine)).toThrow(/expected --pid .*there are 1, 2/);
  expect(() => viewNamed('meminfo', 1)).toThrow(/found --pid with meminfo/);
});

const LAYOUTS = atDepth({
  quick: ['linux-3g1g', 'linux-x86_64'],
  full: ['linux-3g1g', 'linux-3g1g-pae', 'linux-x86_64'],
});

describe.each(LAYOUTS)('on %s', (layout) => {
  const boot = machineOf(layout, 1024, { cpus: 4 });
  const check = (machine: typeof boot): void => {
    for (const pid of Object.keys(machine.records.processes).map(Number)) {
      const texts = new Map<string, string>();
      for (const view of PROCESS_VIEWS) {
        const { text, figures } = view.of(pid);
        texts.set(view.name, text(machine));
        expect(PARSERS[view.name]!(texts.get(view.name)!)).toEqual(figures(machine));
      }
      expectAgreement((name) => texts.get(name)!);
    }
  };

  test.each(WORKLOADS.filter(({ name }) => name !== 'highmem'))('the files agree after $name', (workload) => {
    let machine = boot;
    for (const batch of workload.generate(3, {}, atDepth({ quick: 2000, full: 6000 })))
      machine = fold(machine, batch).machine;
    check(machine);
  });

  test('and after anything', () => {
    forStreams(randomEvents(400), 6, (rows) => check(fold(boot, batchOfRows(rows)).machine));
  });
});
