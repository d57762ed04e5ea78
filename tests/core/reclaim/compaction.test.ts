/** Compaction: huge pages out of memory in pieces, what is moved for that, and when nothing is. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { WRITE } from '../../../core/event/access-mode.ts';
import { MADV_DONTNEED, MADV_HUGEPAGE, MADV_NOHUGEPAGE } from '../../../core/event/mmap-flags.ts';
import { Draft } from '../../../core/machine/draft.ts';
import { freePagesOf } from '../../../core/phys/free-lists.ts';
import { compactNode } from '../../../core/reclaim/compaction.ts';
import {
  access,
  MIB,
  machineOf,
  madvise,
  mmap,
  PAGE,
  RUNNING,
  Session,
  type Step,
} from '../../support/rows.ts';

const PAGES = 11_000;

/** Nearly all memory written, then all but `keep` of each 8 pages given back: no large block is left. */
function inPieces(keep: number, defrag: 'always' | 'never' = 'always'): Session {
  const options = { thp: { mode: 'madvise', defrag }, reclaim: {} } as const;
  const session = new Session(machineOf('linux-x86_64', 64, {}, options)).given(
    ...RUNNING,
    mmap(1, PAGES * PAGE),
    madvise(1, 0, PAGES * PAGE, MADV_NOHUGEPAGE),
    mmap(2, 8 * MIB),
    madvise(2, 0, 8 * MIB, MADV_HUGEPAGE),
  );
  session.given(...every(1, (page) => access(1, page * PAGE, 8, WRITE)));
  return session.given(
    ...every(8, (page) => madvise(1, (page + keep) * PAGE, (8 - keep) * PAGE, MADV_DONTNEED)),
  );
}

function every(step: number, make: (page: number) => Step): Step[] {
  return Array.from({ length: Math.floor(PAGES / step) }, (_, i) => make(i * step));
}

const hugeTouches: readonly Step[] = [2, 4].map((mib) => access(2, mib * MIB, 8, WRITE));

describe('a huge page of who waits for it', () => {
  test('is made room for by moving pages: as many as a pageblock still has', () => {
    const session = inPieces(2);
    session.given(...hugeTouches);
    const [stalls, successes, moved] = (['compactStall', 'compactSuccess', 'pgmigrateSuccess'] as const).map(
      (name) => session.counter(name),
    );
    expect(session.counter('thpFaultAlloc')).toBe(2);
    expect(stalls).toBeGreaterThan(0);
    expect(successes).toBe(stalls);
    expect(moved).toBeLessThanOrEqual(stalls! * 128 * 2);
    expect(session.counter('pswpout') + session.counter('directReclaims')).toBe(0);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('leaves each page what it was', () => {
    const session = inPieces(2);
    session.given(...hugeTouches);
    expect(session.counter('pgmigrateSuccess')).toBeGreaterThan(0);
    const kept = every(8, (page) => access(1, page * PAGE, 8, WRITE)).map((step) => session.do(step).fault);
    expect(new Set(kept)).toEqual(new Set(['none']));
  });

  test('is not had where nobody may wait', () => {
    const session = inPieces(2, 'never');
    session.given(...hugeTouches);
    expect(session.counter('compactStall')).toBe(0);
    expect(session.counter('thpFaultFallback')).toBeGreaterThan(0);
  });
});

test('all memory is compacted: free pages lie together, and none is lost', () => {
  const session = inPieces(2);
  const freeBefore = session.machine.platform.zones.map(({ index }) => freePagesOf(session.machine, index));
  const draft = Draft.of(session.machine);
  compactNode(draft);
  const { machine } = draft.seal(false);
  expect(checkMachine(machine)).toEqual([]);
  const freeAfter = machine.platform.zones.map(({ index }) => freePagesOf(machine, index));
  freeAfter.forEach((free, zone) => {
    expect(free).toBeGreaterThanOrEqual(freeBefore[zone]!);
  });
});
