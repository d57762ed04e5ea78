/**
 * What the OOM killer does to those it has chosen, and when (__alloc_pages_may_oom of mm/page_alloc.c, out_of_memory of
 * mm/oom_kill.c, v6.1). Whom it chooses: oom.ts.
 *
 * A process that is killed dies while the one that asks goes on trying (dying.ts), unless it is the one that asks: that
 * one's event fails first.
 */

import { __GFP_DMA, __GFP_DMA32, __GFP_FS, __GFP_RETRY_MAYFAIL } from '../event/gfp.ts';
import type { Draft } from '../machine/draft.ts';
import { OOM_KILLED } from '../outcome/outcome.ts';
import { CPU, sharesCpu, wallNs } from '../state/cpus.ts';
import { Dying } from './dying.ts';
import { killProcess, selectBadProcess } from './oom.ts';
import { endOfKswapdsTurn, endsTasksTurn, resumeTask } from './turns.ts';
import type { ReclaimWatch } from './watch.ts';

/** One for each fold: nobody is left to die between two events. */
export class OutOfMemory {
  private readonly watch: ReclaimWatch | undefined;
  /** The process that asked, and is to be killed when its event is over; 0: none. */
  private doomed = 0;
  /** Another one that was killed, until it is gone. */
  private dying: Dying | undefined;

  constructor(watch: ReclaimWatch | undefined) {
    this.watch = watch;
  }

  /** Kills somebody, or waits for who was killed before. False: that helps this request nothing. */
  kill(draft: Draft, gfp: number): boolean {
    if (this.doomed !== 0 || !mayKillFor(draft, gfp)) return false;
    if (this.dying !== undefined) return this.waitForVictim(draft, this.dying);
    const victim = selectBadProcess(draft);
    if (victim === 0) return false;
    this.watch?.killed?.(victim);
    const asking = draft.records.process(draft.cpus.get(draft.cpu, CPU.pid));
    if (asking?.mm === draft.records.process(victim)!.mm) {
      this.doomed = asking.pid;
      return false;
    }
    this.dying = new Dying(draft, victim, wallNs(draft));
    this.letVictimRun(draft);
    return true;
  }

  /** There is hope as long as somebody dies, who does so at the latest while nothing else takes time. */
  private waitForVictim(draft: Draft, dying: Dying): boolean {
    const nowNs = wallNs(draft);
    if (dying.askedAtNs === nowNs) this.finishVictim(draft);
    dying.askedAtNs = nowNs;
    return true;
  }

  /** The victim's turn on the cpu that it shares, or what it has done meanwhile on another one. */
  letVictimRun(draft: Draft): void {
    const { dying } = this;
    if (dying === undefined) return;
    const now = wallNs(draft);
    if (!sharesCpu(draft)) dying.run(draft, now);
    else if (endsTasksTurn(dying.turns, now)) {
      dying.clockNs = now;
      dying.run(draft, endOfKswapdsTurn(dying.turns, now));
      draft.spend(dying.clockNs - now);
      resumeTask(dying.turns, now, dying.clockNs);
    }
    if (dying.isGone) this.dying = undefined;
  }

  private finishVictim(draft: Draft): void {
    this.dying?.run(draft, Number.POSITIVE_INFINITY);
    this.dying = undefined;
  }

  /** The event is over. Returns its status, which is another one if who asked was chosen. */
  settle(draft: Draft, status: number): number {
    this.finishVictim(draft);
    if (this.doomed === 0) return status;
    if (draft.records.process(this.doomed) !== undefined) killProcess(draft, this.doomed);
    this.doomed = 0;
    return OOM_KILLED;
  }
}

/** Not for who may not wait, wants low memory of which a process has little, or is content to fail. */
function mayKillFor({ platform }: Draft, gfp: number): boolean {
  const hasDma32 = platform.zones.some(({ name }) => name === 'DMA32');
  const isLowmem = (gfp & (hasDma32 ? __GFP_DMA | __GFP_DMA32 : __GFP_DMA)) !== 0;
  const givesUp = (gfp & __GFP_RETRY_MAYFAIL) !== 0;
  return (gfp & __GFP_FS) !== 0 && !isLowmem && !givesUp;
}
