/** Who shares frames and address spaces with whom: libraries, threads, vfork. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import { CLONE_THREAD, CLONE_VFORK, CLONE_VM } from '../../../core/event/clone-flags.ts';
import { MAP_POPULATE, PROT_EXEC, PROT_READ } from '../../../core/event/mmap-flags.ts';
import { pteFrame } from '../../../core/paging/pte.ts';
import { findLeaf } from '../../../core/paging/table-walk.ts';
import { FRAME } from '../../../core/phys/frames.ts';
import { buddyinfo, drained } from '../../support/laws.ts';
import { access, machineOf, mmap, PAGE, RUNNING, RW, Session, type Step } from '../../support/rows.ts';

const boot = machineOf('linux-3g1g', 96, { cpus: 2 });
const TEXT = PROT_READ | PROT_EXEC;
const store = (page: number, object = 1): Step => access(object, page * PAGE, 8, WRITE);
const load = (page: number, object = 1): Step => access(object, page * PAGE, 8, READ);
const run = (pid: number): Step => ({ kind: 'switch', pid });

/** Frames of an object's pages in a process, 0 where none is. */
function frames({ machine }: Session, pid: number, object: number): number[] {
  const { vmas, root } = machine.records.mms[machine.records.processes[pid]!.mm]!;
  const { startVpn, nrPages } = vmas.toArray().find((vma) => vma.object === object)!;
  return Array.from({ length: nrPages }, (_, page) => {
    const { pte } = findLeaf(machine, root, startVpn + page);
    return pte === 0 ? 0 : pteFrame(pte);
  });
}

describe('a shared library', () => {
  // Its text is file 1, its data file 2; objects 1 and 2 in process 1, 3 and 4 in process 2.
  const session = new Session(boot).given(
    { kind: 'file', file: 1, length: 4 * PAGE },
    { kind: 'file', file: 2, length: 2 * PAGE },
    ...RUNNING,
    mmap(1, 4 * PAGE, TEXT | MAP_POPULATE, 1),
    mmap(2, 2 * PAGE, RW, 2),
    { kind: 'spawn', pid: 2 },
    run(2),
    mmap(3, 4 * PAGE, TEXT | MAP_POPULATE, 1),
    mmap(4, 2 * PAGE, RW, 2),
    load(0, 4),
    store(1, 4),
    run(1),
    load(0, 2),
    store(1, 2),
  );

  test('is once in memory, whoever maps its text', () => {
    const text = frames(session, 1, 1);
    expect(frames(session, 2, 3)).toEqual(text);
    expect(new Set(text).size).toBe(4);
    // Two processes and the page cache.
    expect(session.machine.frames.get(text[0]!, FRAME.refs)).toBe(3);
    expect(session.counter('pageCachePages')).toBe(6);
    expect(session.counter('fileMajorFaults')).toBe(6);
  });

  test('and its data until somebody writes to them', () => {
    const [clean, dirty] = frames(session, 1, 2);
    const [otherClean, otherDirty] = frames(session, 2, 4);
    expect(otherClean).toBe(clean);
    expect(otherDirty).not.toBe(dirty);
  });
});

describe.each([
  ['a thread', CLONE_VM | CLONE_THREAD],
  ['a vfork child', CLONE_VM | CLONE_VFORK],
])('%s', (_name, cloneFlags) => {
  const started = () =>
    new Session(boot).given(...RUNNING, mmap(1, 2 * PAGE), store(0), { kind: 'clone', pid: 2, cloneFlags });

  test('costs a kernel stack, and no page tables', () => {
    const session = started();
    const tables = session.counter('pageTablePages');
    session.given({ kind: 'clone', pid: 3, cloneFlags });
    expect(session.counter('pageTablePages')).toBe(tables);
    expect(session.machine.records.mms[1]!.users).toBe(3);
  });

  test('sees every store, and maps for both', () => {
    const session = started().given({ ...run(2), cpu: 1 }, { ...mmap(2, PAGE), cpu: 1 });
    expect(session.do(load(0)).fault).toBe('none');
    session.given({ ...store(0, 2), cpu: 1 });
    expect(session.do(store(0, 2))).toMatchObject({ status: 'ok', fault: 'none' });
    expect(frames(session, 2, 1)).toEqual(frames(session, 1, 1));
  });

  test('makes the other cpu flush when it unmaps', () => {
    const session = started().given({ ...run(2), cpu: 1 }, { ...store(1), cpu: 1 });
    session.given({ kind: 'munmap', object: 1, offset: 0, length: 0 });
    expect(session.counter('shootdowns')).toBe(1);
    expect(session.status({ ...load(1), cpu: 1 })).toBe('no-object');
  });

  test('leaves the address space to the others by exec', () => {
    const session = started().given(run(2), { kind: 'exec' });
    expect(session.status(load(0))).toBe('no-mapping');
    expect(session.do({ ...run(1) }).status).toBe('ok');
    expect(session.do(load(0))).toMatchObject({ status: 'ok', fault: 'none' });
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('the last one to exit frees it', () => {
    const session = started();
    session.given({ kind: 'exit' }, run(2), load(0), { kind: 'exit' });
    expect(session.machine.records.mms).toEqual({});
    expect(buddyinfo(drained(session.machine))).toEqual(buddyinfo(drained(boot)));
  });
});

test('clone without CLONE_VM is fork', () => {
  const session = new Session(boot).given(...RUNNING, mmap(1, PAGE), store(0));
  session.given({ kind: 'clone', pid: 2, cloneFlags: 0 }, run(2));
  expect(session.do(store(0)).fault).toBe('copy-on-write');
});
