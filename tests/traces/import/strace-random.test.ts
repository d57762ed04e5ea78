/** Logs of random programs: whatever they map, unmap and fork, nothing fails, and all have mapped what the log says. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { COUNTER } from '../../../core/outcome/counters.ts';
import { importText, sum } from '../../captures/program-traces.ts';
import { naiveSpaces } from '../../models/naive-strace.ts';
import { atDepth } from '../../support/depth.ts';
import { replay } from '../../support/laws.ts';
import { machineOf } from '../../support/rows.ts';

const PAGE = 4096;
const BASE = 0x7f00_0000_0000;
/** Pages that the programs use; mremap moves to those behind. */
const PAGES = 24;

const WHAT = [
  'mmap',
  'fixed',
  'munmap',
  'mprotect',
  'mremap',
  'fork',
  'thread',
  'exit',
  'exec',
  'brk',
] as const;

/** What to do, by whom, and where: indices are taken modulo what there is. */
const step = fc.record({
  what: fc.constantFrom(...WHAT),
  who: fc.nat({ max: 7 }),
  page: fc.nat({ max: PAGES - 1 }),
  length: fc.integer({ min: 1, max: 6 }),
  halved: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Space {
  readonly pages: Set<number>;
  brk: number;
}

/** A kernel that knows sets of pages, and writes what strace would. */
class LoggedKernel {
  private readonly lines: string[] = [];
  private readonly processes = new Map<number, Space>([[100, newSpace()]]);
  private lastPid = 100;

  run(steps: readonly Step[]): string {
    this.log(100, 'execve("/bin/x", ["x"], 0x7ffd /* 4 vars */)', '0');
    for (const next of steps) {
      const pid = [...this.processes.keys()][next.who % this.processes.size]!;
      CALLS[next.what].call(this, pid, this.processes.get(pid)!, next);
    }
    return `${this.lines.join('\n')}\n`;
  }

  log(pid: number, call: string, result: string, halved = false): void {
    const head = `${pid} 10:00:00.000000`;
    const name = call.slice(0, call.indexOf('('));
    if (!halved) this.lines.push(`${head} ${call} = ${result}`);
    else
      this.lines.push(
        `${head} ${call.slice(0, -1)} <unfinished ...>`,
        `${head} <... ${name} resumed>) = ${result}`,
      );
  }

  become(pid: number, space: Space): void {
    this.processes.set(pid, space);
  }

  child(parent: number, call: string, space: Space, halved: boolean): void {
    this.log(parent, call, `${++this.lastPid}`, halved);
    this.processes.set(this.lastPid, space);
  }

  exit(pid: number): void {
    if (this.processes.size === 1) return;
    this.lines.push(`${pid} 10:00:00.000000 +++ exited with 0 +++`);
    this.processes.delete(pid);
  }
}

type Call = (this: LoggedKernel, pid: number, space: Space, step: Step) => void;

const CALLS: Record<(typeof WHAT)[number], Call> = {
  mmap(pid, { pages }, { page, length, halved }) {
    if (pagesOf(page, length).some((one) => pages.has(one))) return;
    this.log(pid, `mmap(NULL, ${length * PAGE}, ${ANONYMOUS}, -1, 0)`, at(page), halved);
    for (const one of pagesOf(page, length)) pages.add(one);
  },
  fixed(pid, { pages }, { page, length, halved }) {
    this.log(pid, `mmap(${at(page)}, ${length * PAGE}, ${ANONYMOUS}|MAP_FIXED, -1, 0)`, at(page), halved);
    for (const one of pagesOf(page, length)) pages.add(one);
  },
  munmap(pid, { pages }, { page, length, halved }) {
    this.log(pid, `munmap(${at(page)}, ${length * PAGE})`, '0', halved);
    for (const one of pagesOf(page, length)) pages.delete(one);
  },
  mprotect(pid, { pages }, { page, length, halved }) {
    if (!pagesOf(page, length).every((one) => pages.has(one))) return;
    this.log(pid, `mprotect(${at(page)}, ${length * PAGE}, PROT_READ)`, '0', halved);
  },
  mremap(pid, { pages }, { page, length, halved }) {
    if (!pagesOf(page, length).every((one) => pages.has(one))) return;
    const to = 2 * PAGES + Math.max(...pages);
    const bytes = `${length * PAGE}, ${(length + 2) * PAGE}`;
    this.log(pid, `mremap(${at(page)}, ${bytes}, MREMAP_MAYMOVE)`, at(to), halved);
    for (const one of pagesOf(page, length)) pages.delete(one);
    for (const one of pagesOf(to, length + 2)) pages.add(one);
  },
  brk(pid, space, { page, length, halved }) {
    if (space.brk === 0) {
      space.brk = HEAP;
      this.log(pid, 'brk(NULL)', hex(space.brk));
    }
    space.brk = Math.max(HEAP, space.brk + (page - PAGES / 2) * PAGE + length);
    this.log(pid, `brk(${hex(space.brk)})`, hex(space.brk), halved);
  },
  exec(pid, _, { halved }) {
    this.log(pid, 'execve("/bin/y", ["y"], 0x7ffd)', '0', halved);
    this.become(pid, newSpace());
  },
  fork(pid, { pages, brk }, { halved }) {
    this.child(pid, 'clone(child_stack=NULL, flags=SIGCHLD)', { pages: new Set(pages), brk }, halved);
  },
  thread(pid, space, { halved }) {
    this.child(pid, 'clone3({flags=CLONE_VM|CLONE_THREAD}, 88)', space, halved);
  },
  exit(pid) {
    this.exit(pid);
  },
};

const ANONYMOUS = 'PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS';
const HEAP = 0x5555_0000_0000;
const pagesOf = (page: number, length: number): number[] => Array.from({ length }, (_, i) => page + i);
/** The first page stands for what execve maps and no line shows. */
const newSpace = (): Space => ({ pages: new Set<number>([0]), brk: 0 });
const hex = (number: number): string => `0x${number.toString(16)}`;
const at = (page: number): string => hex(BASE + page * PAGE);

test('random programs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
      const text = new LoggedKernel().run(steps);
      const { result, batches } = await importText(text);
      expect(result.lines).toBe(result.eventLines + sum(result.ignored));
      const { machine } = replay(machineOf('linux-3g1g', 32), batches, 64);
      expect(machine.counters[COUNTER.failures]).toBe(0);
      expect(checkMachine(machine)).toEqual([]);
      const { processes, mms } = machine.records;
      // less the stack and the vdso, which each process has from its parent or its execve
      const hidden = 33 + 2;
      const found = Object.values(processes).map(({ pid, mm }) => [
        pid,
        PAGE * (mms[mm]!.vmas.toArray().reduce((sum, { nrPages }) => sum + nrPages, 0) - hidden),
      ]);
      expect(new Map(found as [number, number][])).toEqual(naiveSpaces(text).alive);
    }),
    { numRuns: atDepth({ quick: 20, full: 60, long: 1_000 }) },
  );
});
