/** Fault-around: which pages of a file a read fault maps; and what is left to faults after a fork, or taken without one. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { WRITE } from '../../../core/event/access-mode.ts';
import {
  MADV_FREE,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
  MAP_SHARED,
  PROT_READ,
} from '../../../core/event/mmap-flags.ts';
import { findLeaf } from '../../../core/paging/table-walk.ts';
import { faultAroundPages } from '../../../core/vm/fault-around.ts';
import {
  access,
  machineOf,
  madvise,
  mmap,
  mprotect,
  PAGE,
  RUNNING,
  RW,
  Session,
  type Step,
} from '../../support/rows.ts';

const FILE_PAGES = 64;
const cached: Step[] = [
  { kind: 'file', file: 1, length: FILE_PAGES * PAGE },
  { kind: 'file_read', file: 1, offset: 0, length: FILE_PAGES * PAGE },
];

/** A process that maps all of a file that is cached. */
function mapped(faultAroundBytes: number, flags: number = PROT_READ, steps = cached): Session {
  const boot = machineOf('linux-3g1g', 96, {}, { faultAroundBytes });
  return new Session(boot).given(...RUNNING, ...steps, mmap(1, FILE_PAGES * PAGE, flags, 1));
}

/** Pages of object 1 that are present, as [first, behind the last] of each run. */
function present({ machine }: Session, mm = 1): number[][] {
  const { vmas, root } = machine.records.mms[mm]!;
  const runs: number[][] = [];
  for (const { startVpn, nrPages, objectPage, object } of vmas) {
    for (let i = 0; object === 1 && i < nrPages; i++) {
      if (findLeaf(machine, root, startVpn + i).pte === 0) continue;
      const last = runs[runs.length - 1];
      if (last?.[1] === objectPage + i) last[1]!++;
      else runs.push([objectPage + i, objectPage + i + 1]);
    }
  }
  return runs;
}

/** Page of the object that begins a window, whatever address the mapping has. */
function windowStart({ machine }: Session, page: number, pages: number): number {
  const vpn = machine.records.mms[1]!.vmas.toArray()[0]!.startVpn + page;
  return page - (vpn % pages);
}

describe('a read fault', () => {
  test.each([
    ['without fault-around: its page', 0, [[20, 21]]],
    ['one page is no window', PAGE, [[20, 21]]],
    ['five pages are four', 5 * PAGE, undefined],
    ['16 pages, which begin at a multiple of 16', 16 * PAGE, undefined],
  ])('%s', (_, bytes, runs) => {
    const session = mapped(bytes).given(access(1, 20 * PAGE, 8));
    const pages = faultAroundPages(bytes, 12);
    const start = pages === 0 ? 20 : windowStart(session, 20, pages);
    expect(present(session)).toEqual(runs ?? [[start, start + pages]]);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('near the beginning of the mapping: the window begins there, and is as long', () => {
    const session = mapped(16 * PAGE);
    const { startVpn } = session.machine.records.mms[1]!.vmas.toArray()[0]!;
    session.given(access(1, 0, 8));
    const inTable = 1024 - (startVpn % 1024);
    expect(present(session)).toEqual([[0, Math.min(16, inTable)]]);
  });

  test('begins with the part of the mapping that is alike, wherever windows begin', () => {
    const session = mapped(16 * PAGE).given(mprotect(1, 0, 21 * PAGE, 0), access(1, 22 * PAGE, 8));
    const table = windowStart(session, 22, 1024);
    expect(present(session)[0]![0]).toBe(Math.max(21, windowStart(session, 22, 16), table));
    expect(windowStart(session, 22, 16)).toBeLessThan(21);
  });

  test('ends with the mapping, the part of it that is alike, and the table', () => {
    const session = mapped(64 * PAGE, PROT_READ).given(
      mprotect(1, 24 * PAGE, 40 * PAGE, 0),
      access(1, 20 * PAGE, 8),
    );
    expect(present(session).at(-1)![1]).toBe(24);
  });

  test('maps what is cached, and reads no other page', () => {
    const some: Step[] = [cached[0]!, { kind: 'file_read', file: 1, offset: 0, length: 18 * PAGE }];
    const session = mapped(64 * PAGE, PROT_READ, some).given(access(1, 0, 8));
    expect(present(session)).toEqual([[0, 18]]);
    expect(session.do(access(1, 20 * PAGE, 8)).fault).toBe('file-major');
    expect(session.counter('fileMajorFaults')).toBe(1);
  });

  test('what it maps costs no fault, and a store to private memory still a copy', () => {
    const session = mapped(16 * PAGE, RW).given(access(1, 20 * PAGE, 8));
    const next = windowStart(session, 20, 16) + 1;
    expect(session.do(access(1, next * PAGE, 8)).fault).toBe('none');
    expect(session.do(access(1, next * PAGE, 8, WRITE)).fault).toBe('copy-on-write');
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

test('a store maps its own page only, shared or not', () => {
  for (const flags of [RW, RW | MAP_SHARED])
    expect(present(mapped(16 * PAGE, flags).given(access(1, 20 * PAGE, 8, WRITE)))).toEqual([[20, 21]]);
});

describe('a fork', () => {
  test('leaves a file to faults as long as nothing of it was copied, and then copies all of it', () => {
    const session = mapped(0, RW).given(access(1, 3 * PAGE, 8), { kind: 'fork', pid: 2 });
    expect(present(session, 2)).toEqual([]);
    session.given(access(1, 5 * PAGE, 8, WRITE), { kind: 'fork', pid: 3 });
    expect(present(session, 3)).toEqual([
      [3, 4],
      [5, 6],
    ]);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('leaves the zero page, which the child faults in again', () => {
    const session = new Session(machineOf('linux-3g1g', 96)).given(
      ...RUNNING,
      mmap(1, 4 * PAGE),
      access(1, 0, 8),
    );
    session.given({ kind: 'fork', pid: 2 });
    expect(present(session)).toEqual([[0, 1]]);
    expect(present(session, 2)).toEqual([]);
  });
});

describe('madvise', () => {
  const anonymous = (): Session =>
    new Session(machineOf('linux-3g1g', 96)).given(...RUNNING, mmap(1, 4 * PAGE), access(1, 0, 8, WRITE));

  test('FREE: the page stays, and is written again without a fault', () => {
    const session = anonymous().given(madvise(1, 0, PAGE, MADV_FREE));
    expect(present(session)).toEqual([[0, 1]]);
    expect(session.do(access(1, 0, 8, WRITE)).fault).toBe('none');
  });

  test('FREE of a file is refused', () => {
    expect(mapped(0).do(madvise(1, 0, PAGE, MADV_FREE)).status).toBe('invalid');
  });

  test('POPULATE_READ and POPULATE_WRITE: as if touched; what may not be written is refused', () => {
    expect(present(anonymous().given(madvise(1, 0, 3 * PAGE, MADV_POPULATE_WRITE)))).toEqual([[0, 3]]);
    expect(present(mapped(0).given(madvise(1, PAGE, PAGE, MADV_POPULATE_READ)))).toEqual([[1, 2]]);
    expect(mapped(0).do(madvise(1, 0, PAGE, MADV_POPULATE_WRITE)).status).toBe('invalid');
  });
});
