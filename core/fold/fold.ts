/**
 * The fold: fold(machine, batch) -> the next machine, and what became of each event.
 *
 * Pure: the machine given is never changed, and the same inputs give the same bits. How the events are cut into
 * batches changes nothing but speed.
 */
import type { Patch } from 'immer';
import { Mmu } from '../access/access.ts';
import type { Batch } from '../event/batch.ts';
import { EVENT_KINDS } from '../event/kinds.ts';
import { Draft } from '../machine/draft.ts';
import { current, type FoldResult } from '../machine/handler.ts';
import type { Machine } from '../machine/machine.ts';
import { COUNTER } from '../outcome/counters.ts';
import { ADDRESS_SHIFT, OK, type Outcomes, OutcomesDraft } from '../outcome/outcome.ts';
import { beginKernelWork, endKernelWork } from '../paging/kpti.ts';
import { PageReclaimer } from '../reclaim/reclaimer.ts';
import type { Shrinker } from '../reclaim/shrinkers.ts';
import type { ReclaimWatch } from '../reclaim/watch.ts';
import { CPU, passTime } from '../state/cpus.ts';
import type { ReferenceLog } from '../tlb/reference-log.ts';
import { runKhugepaged } from '../vm/khugepaged.ts';
import { HANDLED } from './handlers.ts';

const ACCESS = EVENT_KINDS.access.code;

/** What a fold tells beside its result; none of it changes the machine. */
export interface FoldOptions {
  /** Tell what changed in the records, as immer patches. */
  readonly patches?: boolean;
  /** Outcomes of an earlier fold that nobody reads any more: those of this fold may be written over them. */
  readonly spare?: Outcomes | undefined;
  /** Is told while memory is reclaimed. */
  readonly watch?: ReclaimWatch;
  /** Who has slab objects that reclaim may ask for. */
  readonly shrinkers?: readonly Shrinker[];
  /** Filled with what the TLBs are asked, behind what is in it. */
  readonly log?: ReferenceLog | undefined;
}

/** What a fold gives. */
export interface Folded {
  readonly machine: Machine;
  readonly outcomes: Outcomes;
  readonly patches: readonly Patch[];
}

/** The machine after all events of the batch, and their outcomes by index; an event that fails has a status. */
export function fold(machine: Machine, batch: Batch, options: FoldOptions = {}): Folded {
  const outcomes = OutcomesDraft.of(batch.count, options.spare);
  const draft = Draft.of(machine);
  draft.log = options.log;
  if (machine.platform.reclaim !== undefined)
    draft.reclaimer = new PageReclaimer(options.watch, options.shrinkers);
  const mmu = new Mmu(draft, outcomes);
  const { kind, count } = batch;
  for (let at = 0; at < count; )
    at = kind[at] === ACCESS ? mmu.accessRun(batch, at) : foldUpToAccess(draft, batch, at, outcomes);
  draft.counters[COUNTER.events]! += count;
  const { machine: next, patches } = draft.seal(options.patches ?? false);
  return { machine: next, outcomes, patches };
}

const result: FoldResult = { vpn: 0, pfn: 0, address: 0 };

/** Folds the events from `from` on which are no accesses, one by one; returns where they end. */
function foldUpToAccess(draft: Draft, batch: Batch, from: number, out: OutcomesDraft): number {
  const { count, kind, cpu, object, a, b, c, thinkNs } = batch;
  const { status, flags, latencyNs } = out;
  const { platform, cpus } = draft;
  const { kpti } = platform.mmu;
  const hasThp = platform.thp !== undefined;
  let at = from;
  for (; at < count && kind[at] !== ACCESS; at++) {
    const handled = HANDLED[kind[at]!];
    const onCpu = cpu[at]!;
    draft.onCpu(onCpu);
    current.cpu = onCpu;
    current.object = object[at]!;
    current.a = a[at]!;
    current.b = b[at]!;
    current.c = c[at]!;
    result.vpn = 0;
    result.pfn = 0;
    result.address = 0;

    if (hasThp) runKhugepaged(draft, cpus.get(onCpu, CPU.clockNs));
    draft.extraNs = 0;
    if (kpti) beginKernelWork(draft, handled?.isSystemCall ?? false);
    // A kind of a later version: time passes, nothing else.
    const done = handled === undefined ? OK : handled.handle(draft, handled.view, result);
    const said = draft.reclaimer === undefined ? done : draft.reclaimer.settle(draft, done);
    if (kpti) endKernelWork(draft, handled?.isSystemCall ?? false);

    status[at] = said;
    latencyNs[at] = draft.extraNs;
    if (said === OK) {
      flags[at] = result.address << ADDRESS_SHIFT;
      out.place(at, result.vpn, result.pfn);
    } else draft.counters[COUNTER.failures]!++;
    passTime(cpus, onCpu, thinkNs[at]!, draft.extraNs);
  }
  return at;
}
