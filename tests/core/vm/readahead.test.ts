/** Read-around: which pages of a file that is not cached a fault reads. */
import { expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { GFP_ATOMIC } from '../../../core/event/gfp.ts';
import { MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, PROT_READ } from '../../../core/event/mmap-flags.ts';
import { PageReclaimer } from '../../../core/reclaim/reclaimer.ts';
import { fillPage } from '../../../core/vm/page-cache.ts';
import { access, MIB, machineOf, madvise, mmap, PAGE, pages, RUNNING, Session } from '../../support/rows.ts';
import { within } from '../reclaim/looks.ts';

const FILE_PAGES = 64;

function cold(readaheadPages: number, ...advice: number[]): Session {
  const boot = machineOf('linux-3g1g', 96, {}, { readaheadBytes: readaheadPages * PAGE });
  const session = new Session(boot).given(...RUNNING, { kind: 'file', file: 1, length: FILE_PAGES * PAGE });
  return session.given(
    mmap(1, FILE_PAGES * PAGE, PROT_READ, 1),
    ...advice.map((each) => madvise(1, 0, 0, each)),
  );
}

/** Pages of the file that are cached, as [first, behind the last]. */
function cached({ machine }: Session): number[] {
  const { firstSlot } = machine.records.files[1]!;
  const pages = Array.from({ length: FILE_PAGES }, (_, page) => page).filter(
    (page) => machine.pageCache.get(firstSlot + page, 0) > 0,
  );
  expect(pages).toEqual(Array.from({ length: pages.length }, (_, i) => pages[0]! + i));
  return [pages[0]!, pages.at(-1)! + 1];
}

test.each([
  ['none: its page', 0, [], 20, [20, 21]],
  ['a page: no more', 1, [], 20, [20, 21]],
  ['half of the window before it, half behind', 16, [], 20, [12, 28]],
  ['from the beginning of the file where there is less before it', 16, [], 3, [0, 16]],
  ['up to the end of the file', 16, [], 62, [54, 64]],
  ['read in order: from itself on', 16, [MADV_SEQUENTIAL], 20, [20, 36]],
  ['at random: its page', 16, [MADV_RANDOM], 20, [20, 21]],
  ['as usual again', 16, [MADV_RANDOM, MADV_NORMAL], 20, [12, 28]],
])('%s', (_, pages, advice, page, expected) => {
  const session = cold(pages, ...advice).given(access(1, page * PAGE, 8));
  expect(cached(session)).toEqual(expected);
  expect(session.counter('fileMajorFaults')).toBe(1);
  expect(checkMachine(session.machine)).toEqual([]);
});

test('what was read along is a minor fault, and waits for no disk', () => {
  const session = cold(16).given(access(1, 20 * PAGE, 8));
  expect(session.do(access(1, 21 * PAGE, 8)).fault).toBe('file-minor');
});

test('a file as large as the window, read in order, is one major fault', () => {
  const boot = machineOf('linux-3g1g', 96, {}, { readaheadBytes: 8 * MIB, faultAroundBytes: 16 * PAGE });
  const session = new Session(boot).given(...RUNNING, { kind: 'file', file: 1, length: 8 * MIB });
  session.given(mmap(1, 8 * MIB, PROT_READ, 1));
  for (let page = 0; page < 2048; page++) session.given(access(1, page * PAGE, 8));
  expect(session.counter('fileMajorFaults')).toBe(1);
  expect(session.counter('fileMinorFaults')).toBeLessThan(2048 / 16 + 2);
});

test.each([
  { what: 'is read along is asked for once, and left out', isWaitedFor: false, rounds: 1, kills: 0 },
  {
    what: 'somebody waits for is asked for anew, as long as that takes',
    isWaitedFor: true,
    rounds: 18,
    kills: 1,
  },
])('where no memory is left a page that $what', ({ isWaitedFor, rounds, kills }) => {
  const boot = machineOf('linux-3g1g', 96, {}, { readaheadBytes: 16 * PAGE, reclaim: {} });
  const session = new Session(boot).given({ kind: 'file', file: 1, length: FILE_PAGES * PAGE });
  session.given(...RUNNING);
  let object = 1000;
  while (session.status(pages(object++, 0, GFP_ATOMIC)) === 'ok');
  within(session, (draft) => {
    draft.reclaimer = new PageReclaimer();
    fillPage(draft, draft.records.file(1)!, 20, isWaitedFor);
    draft.reclaimer.settle(draft, 0);
  });
  expect(session.counter('directReclaims')).toBe(rounds);
  expect(session.counter('oomKills')).toBe(kills);
});
