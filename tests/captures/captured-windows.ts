/**
 * The vmalloc window of a booted kernel, and the probe that took and freed areas in it, step by step.
 *
 * What was in the window when the probe began is known from the dump of the page tables (areas in use, each a run of
 * mapped pages and its guard page) and from /proc/vmallocinfo (kernel stacks made since, and areas freed but not yet
 * purged). One thing is not: when the worker that purges gets the cpu. Where it is due, both are tried, and the
 * address that the kernel gave tells which it was.
 */

import { batchOf, bootMachine, buildLayout, fold, type Machine, STATUSES } from '../../core/index.ts';
import { nameArea, purgeAreas } from '../../core/kmap/areas.ts';
import { KMAP_VAR } from '../../core/kmap/state.ts';
import type { AddressRange } from '../../core/layout/layout.ts';
import { pageNumber } from '../../core/layout/regions.ts';
import { Draft } from '../../core/machine/draft.ts';

import { VM_AREA } from '../../core/state/objects.ts';
import { RangeSet } from '../../core/state/ranges.ts';
import { eventOf, type Step } from '../support/rows.ts';
import type { OracleMachine } from './oracle-machine.ts';
import { layoutNameOf, optionsOf } from './oracle-machines.ts';

/** Kernel stacks (VMAP_STACK): 16 KiB, aligned to their size. */
const STACK_BYTES = 16_384;
/** What n_tty_open() takes: 12 KiB and the guard page. */
const TERMINAL_BYTES = 16_384;
const PAGE = 4096;
/** Objects of what was there before the probe. */
const FIRST_OBJECT = 1_000_000;

/** How an address came out: by the rule, or only if the purge ran at another moment than the rule says. */
export type Match = 'rule' | 'timing' | 'wrong';

export class CapturedWindow {
  /** What the machine may look like: first by the rule, then by other moments of the purge. */
  private candidates: Machine[];
  private added = 0;

  constructor(oracle: OracleMachine, mostRanges = MOST_RANGES) {
    const machine = bootMachine(buildLayout(layoutNameOf(oracle), optionsOf(oracle)));
    const { runs, isCut } = mappedRuns(oracle, mostRanges);
    const start = withAreas(machine, oracle, runs);
    this.candidates = [start];
    const lines = oracle.vmallocinfo.filter((line) => !line.includes('unpurged'));
    if (isCut) this.addListed(lines.slice(runs.length), isClosedTerminalMissing(oracle, start));
    else for (const _ of lines.slice(runs.length)) this.add(STACK_BYTES, STACK_BYTES);
  }

  /** Areas behind the end of the dump, in the order of their addresses; a terminal that was closed lies before the next. */
  private addListed(lines: readonly string[], hasClosedTerminal: boolean): void {
    const lastTerminal = lines.findLastIndex((line) => line.includes('n_tty_open'));
    let closed: number | undefined;
    for (const [i, line] of lines.entries()) {
      if (i === lastTerminal && hasClosedTerminal) closed = this.add(TERMINAL_BYTES - PAGE);
      if (line.includes('kernel_clone')) this.add(STACK_BYTES, STACK_BYTES);
      else this.add(sizeOf(line) - PAGE);
    }
    if (closed !== undefined) this.do({ kind: 'free_vm_area', object: closed });
  }

  private add(size: number, align = 0): number {
    const object = FIRST_OBJECT * 2 + ++this.added;
    this.do({ kind: 'vm_area', object, size, align });
    return object;
  }

  get machine(): Machine {
    return this.candidates[0]!;
  }

  /** All that agrees with what was seen: first by the rule; of each, as it is and with the purge that is due. */
  get possible(): Machine[] {
    return this.candidates.flatMap((machine) => [machine, purged(machine)]);
  }

  /** Does something that gives no address. */
  do(step: Step): void {
    this.candidates = this.candidates.flatMap((machine) =>
      this.moments(machine, step).map(({ next }) => next),
    );
    this.dropTwins();
  }

  /** Does something that gave the kernel an address (or none), and keeps the machines that agree. */
  expect(step: Step, address: bigint | undefined): Match {
    const { layout } = this.machine.platform;
    const expected = address === undefined ? 0 : pageNumber(layout, address);
    const tried = this.candidates.flatMap((machine) => this.moments(machine, step));
    const right = tried.filter(({ vpn }) => vpn === expected);
    if (right.length === 0) {
      this.candidates = [tried[0]!.next];
      return 'wrong';
    }
    this.candidates = right.map(({ next }) => next);
    this.dropTwins();
    return right[0] === tried[0] ? 'rule' : 'timing';
  }

  /** The running task may be preempted here, for the purge among others. */
  reschedule(): void {
    this.candidates = this.candidates.flatMap((machine) =>
      isDue(machine) ? [purged(machine), machine] : [machine],
    );
    this.dropTwins();
  }

  /** The rule first; then, where a purge is due or ran: it has run before, it does not run yet. */
  private moments(machine: Machine, step: Step): { next: Machine; vpn: number }[] {
    const byRule = apply(machine, step);
    const found = [byRule];
    if (isDue(machine)) found.push(apply(purged(machine), step));
    const hasPurged =
      byRule.next.vmallocLazy.total() < machine.vmallocLazy.total() ||
      byRule.next.vmallocHoles.total() > machine.vmallocHoles.total();
    if (hasPurged) found.push(apply(machine, step, true));
    return found;
  }

  private dropTwins(): void {
    const seen = new Set<string>();
    this.candidates = this.candidates.filter(({ vmallocHoles }) => {
      const key = JSON.stringify(vmallocHoles);
      return !seen.has(key) && seen.add(key);
    });
  }
}

/** Folds one event; `later`: the purge does not run unless space is wanted. */
export function apply(machine: Machine, step: Step, later = false): { next: Machine; vpn: number } {
  const from = later ? withLazyPages(machine, -1e9) : machine;
  const { machine: next, outcomes } = fold(from, batchOf([eventOf(step)]));
  const isOk = STATUSES[outcomes.status[0]!]!.name === 'ok';
  return {
    next: later ? withLazyPages(next, next.vmallocLazy.total()) : next,
    vpn: isOk ? outcomes.vpn[0]! : 0,
  };
}

function withLazyPages(machine: Machine, pages: number): Machine {
  const vars = machine.vars.slice();
  vars[KMAP_VAR.vmapLazyPages] = pages;
  return { ...machine, vars };
}

function isDue(machine: Machine): boolean {
  const { cpus } = machine.platform.layout;
  return machine.vars[KMAP_VAR.vmapLazyPages]! > 8192 * (32 - Math.clz32(cpus));
}

/** Freed areas purged, as the worker does. */
export function purged(machine: Machine): Machine {
  const draft = new Draft(machine);
  purgeAreas(draft, 0);
  return draft.seal(false).machine;
}

/** The dump keeps so many ranges of a part; what lies behind is known from /proc/vmallocinfo alone. */
const MOST_RANGES = 60;

function mappedRuns(
  { markers }: OracleMachine,
  mostRanges: number,
): { runs: AddressRange[]; isCut: boolean } {
  const { ranges } = markers.find(({ name }) => name.startsWith('vmalloc() Area'))!;
  const runs = ranges
    .slice(0, mostRanges)
    .filter(({ attr }) => attr !== '')
    .map(({ start, end }) => ({ start: BigInt(start), end: BigInt(end) }));
  return { runs, isCut: ranges.length >= mostRanges };
}

/** A terminal was opened and closed, and its area is not among those of the dump. */
function isClosedTerminalMissing({ vmallocinfo }: OracleMachine, { vmallocLazy }: Machine): boolean {
  return vmallocLazy.total() === 0 && unpurgedSizes(vmallocinfo).includes(TERMINAL_BYTES);
}

function unpurgedSizes(vmallocinfo: readonly string[]): number[] {
  return vmallocinfo.filter((line) => line.includes('unpurged')).map(sizeOf);
}

/** The areas that were there: those in use, and those that fill a gap between two of them and were not purged. */
function withAreas(machine: Machine, { vmallocinfo }: OracleMachine, runs: readonly AddressRange[]): Machine {
  const { layout, vmallocVpn } = machine.platform;
  const sizes = unpurgedSizes(vmallocinfo);
  const draft = new Draft(machine);
  const holes: [number, number][] = [];
  const lazy: [number, number][] = [];
  let at = vmallocVpn;
  runs.forEach(({ start, end }, i) => {
    const vpn = pageNumber(layout, start);
    const gapBytes = (vpn - at) * PAGE;
    // A terminal that was closed leaves 16 KiB; the other sizes are those of what the probe did before.
    const isUnpurged = gapBytes === TERMINAL_BYTES && sizes.includes(gapBytes);
    if (gapBytes > 0) (isUnpurged ? lazy : holes).push([at, vpn]);
    const nrPages = Number(end - start) / PAGE;
    nameArea(draft, FIRST_OBJECT + i, VM_AREA, vpn, nrPages, nrPages * PAGE);
    at = vpn + nrPages + 1;
  });
  holes.push([at, pageNumber(layout, layout.vmalloc.end - 1n) + 1]);
  const vmallocLazy = RangeSet.from(lazy);
  const made = { ...draft.seal(false).machine, vmallocHoles: RangeSet.from(holes), vmallocLazy };
  return withLazyPages(made, vmallocLazy.total());
}

function sizeOf(line: string): number {
  return Number(line.trim().split(/\s+/)[1]);
}
