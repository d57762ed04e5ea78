/** What becomes of an event: every status, with the smallest way to reach it, and both sides of every boundary. */
import { describe, expect, test } from 'vitest';
import { WRITE } from '../../../core/event/access-mode.ts';
import { MAP_POPULATE } from '../../../core/event/mmap-flags.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import { Draft } from '../../../core/machine/draft.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { DMA_MAPPED, NO_DEVICE, STATUSES } from '../../../core/outcome/outcome.ts';
import { CPU, CPUS_VAR } from '../../../core/state/cpus.ts';
import { drained } from '../../support/laws.ts';
import { pc } from '../../support/pc.ts';
import { access, mmap, PAGE, RUNNING, RW, Session, starve } from '../../support/rows.ts';
import type { StatusRow } from '../../support/status-rows.ts';
import { ACCESS_ROWS } from './access-rows.ts';
import { MEMORY_ROWS } from './memory-rows.ts';
import { PROCESS_ROWS } from './process-rows.ts';

const ROWS: readonly StatusRow[] = [...MEMORY_ROWS, ...PROCESS_ROWS, ...ACCESS_ROWS];

describe('statuses', () => {
  for (const [when, does, status, { given = [], on = pc } = {}] of ROWS) {
    test(`${when}: ${status}`, () => {
      expect(new Session(on).given(...given).status(does)).toBe(status);
    });
  }

  test('a page fault that no memory is left for', () => {
    const session = new Session(pc).given(...RUNNING, mmap(1, 2 * PAGE), access(1, 0, 1, WRITE));
    session.machine = starve(session.machine, 0);
    expect(session.status(access(1, PAGE, 1, WRITE))).toBe('out-of-memory');
    expect(session.status(access(1, PAGE - 1, 2, WRITE))).toBe('out-of-memory');
    expect(session.do(access(1, PAGE, 1))).toMatchObject({ status: 'ok', fault: 'zero-page' });
  });

  test('a mapping may be longer than its file, but not be used there', () => {
    const session = new Session(pc).given(
      ...RUNNING,
      { kind: 'file', file: 1, length: PAGE + 1 },
      mmap(1, 4 * PAGE, RW, 1),
    );
    expect(session.do(access(1, 2 * PAGE - 1, 1))).toMatchObject({ status: 'ok', fault: 'file-major' });
    expect(session.status(access(1, 2 * PAGE, 1))).toBe('beyond-file');
    expect(session.status(access(1, 2 * PAGE - 1, 2))).toBe('beyond-file');
    expect(session.status(mmap(2, 4 * PAGE, RW | MAP_POPULATE, 1))).toBe('ok');
    expect(session.do(access(2, PAGE, 1))).toMatchObject({ status: 'ok', fault: 'none' });
  });

  test('an empty file may be mapped, and has no page', () => {
    const session = new Session(pc).given(
      ...RUNNING,
      { kind: 'file', file: 1, length: 0 },
      mmap(1, PAGE, RW, 1),
    );
    expect(session.status(access(1, 0, 1))).toBe('beyond-file');
    session.given({ kind: 'file_read', file: 1, offset: 0, length: PAGE });
    expect(session.counter('pageCachePages')).toBe(0);
  });

  test('every status is in some row of these tests', () => {
    const elsewhere = ['vmalloc-space', 'kmap-slots', 'beyond-file', 'oom-killed'];
    const ofDma = STATUSES.slice(NO_DEVICE, DMA_MAPPED + 1).map(({ name }) => name); // dma/buffers.test.ts, dma/naive.test.ts
    const reached = new Set<string>([...ROWS.map(([, , status]) => status), ...elsewhere, ...ofDma]);
    expect(STATUSES.map(({ name }) => name).filter((name) => !reached.has(name))).toEqual([]);
  });

  test('a failure changes nothing but clocks and counters', () => {
    for (const [, does, status, { given = [], on = pc } = {}] of ROWS) {
      // What was locked stays locked. Pages that came in before it failed stay; one that vmalloc gives back is the first of its list from then on.
      const halfDone =
        does.kind === 'access'
          ? does.size === 2
          : does.kind === 'mlock' ||
            (status.startsWith('out-of') && ['vmalloc', 'file_read'].includes(does.kind));
      if (status === 'ok' || halfDone) continue;
      const session = new Session(on).given(...given);
      const before = session.machine;
      expect(session.status(does)).toBe(status);
      expect(withoutTime(session.machine, before), JSON.stringify(does)).toBe(withoutTime(before, before));
    }
  });

  test('of which the comparison would see the least', () => {
    for (let at = 0; at < pc.vars.length; at++) {
      if (at === BUSY_CPUS) continue;
      const changed = otherwise(pc, (draft) => (draft.vars[at]! += 1));
      expect(withoutTime(changed, pc), `number ${at}`).not.toBe(withoutTime(pc, pc));
    }
    for (const field of Object.values(CPU)) {
      const changed = otherwise(pc, (draft) => draft.cpus.add(0, field, 1));
      const isSeen = withoutTime(changed, pc) !== withoutTime(pc, pc);
      expect(isSeen, `field ${field} of a cpu`).toBe(!CPU_MEASURES.includes(field));
    }
  });
});

function otherwise(machine: Machine, change: (draft: Draft) => void): Machine {
  const draft = new Draft(machine);
  change(draft);
  return draft.seal(false).machine;
}

/** What is measured of a cpu: time, and translations. */
const CPU_MEASURES: readonly number[] = [CPU.clockNs, CPU.translations, CPU.l2Hits, CPU.walks];
/** Whoever asks on a cpu makes it busy, whatever comes of it. */
const BUSY_CPUS = CPUS_VAR.busyCpus;

/**
 * Digest of a machine with the clocks and counters of another; per-cpu lists may be emptied before a
 * request fails.
 */
function withoutTime(machine: Machine, like: Machine): string {
  const draft = new Draft(drained(machine));
  draft.counters.set(like.counters.slice());
  draft.vars[BUSY_CPUS] = like.vars[BUSY_CPUS]!;
  for (let cpu = 0; cpu < machine.vars[BUSY_CPUS]!; cpu++)
    for (const field of CPU_MEASURES) draft.cpus.set(cpu, field, like.cpus.get(cpu, field));
  return stateDigest(draft.seal(false).machine);
}
