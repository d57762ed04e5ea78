/**
 * When kswapd has a cpu, and until when. Where it shares the only one it takes turns with the task whose event is folded
 * (turns.ts); its time passes on no cpu's clock then, but on the wall. Elsewhere it has a cpu of its own, and what it has done
 * there meanwhile is looked at where the task could notice it.
 */

import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { sharesCpu, wallNs } from '../state/cpus.ts';
import { isKswapdAwake, KswapdTurn, type Outside, wakeKswapd, wakesItself } from './kswapd.ts';
import { KSWAPD } from './kswapd-state.ts';
import {
  endOfKswapdsTurn,
  endsTasksTurn,
  isTasksTurnNext,
  resumeTask,
  taskSleeps,
  taskWakes,
  wakeBesideTask,
  yieldsToKswapd,
} from './turns.ts';

/** One for each fold: whether it has the cpu is all that it remembers, and between two events it never has. */
export class KswapdThread {
  private readonly outside: Outside;
  private isOnCpu = false;

  constructor(outside: Outside) {
    this.outside = outside;
  }

  /** wakeup_kswapd(), for zones up to this one. */
  wake(draft: Draft, highestZone: number): void {
    if (wakeKswapd(draft, highestZone)) this.enqueue(draft);
  }

  /** The end of a light sleep (kswapd_try_to_sleep). */
  wakeFromLightSleep(draft: Draft): void {
    if (wakesItself(draft)) this.enqueue(draft);
  }

  /** From now on it wants the cpu. */
  private enqueue(draft: Draft): void {
    const now = wallNs(draft);
    draft.kswapd[KSWAPD.clockNs] = now;
    if (sharesCpu(draft)) wakeBesideTask(draft, now);
  }

  /** The task has come to where others may have the cpu (cond_resched). */
  condResched(draft: Draft): void {
    if (!isKswapdAwake(draft) || this.isOnCpu) return;
    const now = wallNs(draft);
    if (this.sleepsForDisk(draft, now)) return;
    if (!sharesCpu(draft)) this.run(draft, now);
    else if (endsTasksTurn(draft, now)) {
      draft.kswapd[KSWAPD.clockNs] = now;
      this.run(draft, endOfKswapdsTurn(draft, now));
      resumeTask(draft, now, wallNs(draft));
    }
  }

  /** A worker thread has had the cpu for a moment: of the task and kswapd the one goes on that had less of it. */
  condReschedAfterWorker(draft: Draft): void {
    if (!isKswapdAwake(draft) || !sharesCpu(draft)) return;
    yieldsToKswapd(draft, wallNs(draft));
    this.condResched(draft);
  }

  /** The task has nothing to go on with: it is kswapd's turn, however much it had. */
  yieldCpu(draft: Draft): void {
    draft.kswapd[KSWAPD.preempts] = 1;
    this.condResched(draft);
  }

  /** Whether it would have the cpu while the task sleeps. */
  wantsCpuOfTask(draft: Draft): boolean {
    return isKswapdAwake(draft) && !this.isOnCpu && sharesCpu(draft);
  }

  /** The task sleeps until then, at least: who wakes has the cpu only if the other one had more of it. */
  runWhileTaskSleeps(draft: Draft, untilNs: number): void {
    const sleepsNs = wallNs(draft);
    taskSleeps(draft, sleepsNs);
    draft.kswapd[KSWAPD.clockNs] = sleepsNs;
    const usedNs = this.run(draft, untilNs, true);
    draft.spend(Math.max(0, untilNs - sleepsNs - usedNs));
    const wokenNs = wallNs(draft);
    if (taskWakes(draft, usedNs, wokenNs) || !isKswapdAwake(draft)) return;
    this.run(draft, endOfKswapdsTurn(draft, sleepsNs, wokenNs));
    resumeTask(draft, wokenNs, wallNs(draft));
  }

  /** In the middle of a batch. Once the disk is done it wakes as others do. */
  private sleepsForDisk(draft: Draft, nowNs: number): boolean {
    const { kswapd } = draft;
    const untilNs = kswapd[KSWAPD.sleepsUntilNs]!;
    if (untilNs === 0) return false;
    if (nowNs < untilNs) return true;
    kswapd[KSWAPD.sleepsUntilNs] = 0;
    kswapd[KSWAPD.clockNs] = Math.max(kswapd[KSWAPD.clockNs]!, untilNs);
    if (sharesCpu(draft)) wakeBesideTask(draft, nowNs);
    return false;
  }

  /**
   * Its time is charged to nobody's event.
   * @param isTaskAsleep nobody else wants the cpu
   * @returns how long it had the cpu
   */
  private run(draft: Draft, untilNs: number, isTaskAsleep = false): number {
    const { kswapd, extraNs: eventNs } = draft;
    const beganNs = kswapd[KSWAPD.clockNs]!;
    const clock = (): number => kswapd[KSWAPD.clockNs]! + draft.extraNs;
    this.isOnCpu = true;
    // On a cpu of its own nobody interrupts it; it is only looked at what it has done up to now.
    const turn = new KswapdTurn(
      draft,
      clock,
      this.outside,
      sharesCpu(draft) ? untilNs : Number.POSITIVE_INFINITY,
    );
    const mayYield = sharesCpu(draft) && !isTaskAsleep;
    while (isKswapdAwake(draft) && kswapd[KSWAPD.clockNs]! < untilNs) {
      const isWorkerNext = this.step(draft, turn);
      if (this.fallsAsleep(draft, turn.takeSleepNs())) break;
      if (isWorkerNext && mayYield && isTasksTurnNext(draft, beganNs, kswapd[KSWAPD.clockNs]!)) break;
    }
    turn.save();
    this.isOnCpu = false;
    draft.extraNs = eventNs;
    const usedNs = kswapd[KSWAPD.clockNs]! - beganNs;
    draft.counters[COUNTER.kswapdNs]! += usedNs;
    return usedNs;
  }

  /** True when a worker thread has the cpu for a moment after it. */
  private step(draft: Draft, turn: KswapdTurn): boolean {
    draft.extraNs = 0;
    const isWorkerNext = turn.step();
    draft.kswapd[KSWAPD.clockNs]! += Math.max(1, draft.extraNs);
    return isWorkerNext;
  }

  /** Not if that is over by now. */
  private fallsAsleep({ kswapd }: Draft, untilNs: number): boolean {
    if (untilNs <= kswapd[KSWAPD.clockNs]!) return false;
    kswapd[KSWAPD.sleepsUntilNs] = untilNs;
    return true;
  }
}
