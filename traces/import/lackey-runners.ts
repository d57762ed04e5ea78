/**
 * Whose references a lackey trace has: of the process whose call came last, or, while that waits in a call, of the one
 * before. Both sides of a fork write the end of the call's line, each when the system runs it, in any order:
 *
 *   SYSCALL[7,1](56) sys_clone ( 1200011, ... )   clone(fork): process 7 created child 8
 *    --> [pre-success] Success(0x8)               the parent goes on
 *    --> [pre-success] Success(0x0)               the child does
 *
 * or, where the child is first: the call with its return, what the child does, and then the rest of the parent's line.
 * When both return at once nothing tells them apart: up to the next call both touch the same, as they first do.
 */
import type { LackeyCall } from './lackey-calls.ts';

/** The return of a call that has no line of its own, alone or behind another line. */
const RETURN = /^(?:SYSCALL.*-->.*)? --> \[pre-success\] Success\(0x0\) *$/;
const REST = /^ *(?:clone\(fork\)|fork): process (\d+) created child (\d+)/;

export class LackeyRunners {
  /** Processes that run, the last one first; those that wait in a call are not in it. */
  private runnable: readonly number[] = [];
  /** A child that has just been made, and its parent: both return from the same call, and first touch the same. */
  private twins: readonly number[] = [];
  /** Children that have not returned from their fork. */
  private unborn: readonly number[] = [];
  /** Children whose fork is told of in a line of its own among those to come. */
  private readonly coming: number[] = [];

  get all(): readonly number[] {
    return [...this.runnable, ...this.unborn];
  }

  /** Of the next reference. */
  get owner(): number {
    return this.runnable[0]!;
  }

  /** Whose reference it is as well. */
  get twin(): number | undefined {
    return this.twins.find((pid) => pid !== this.owner);
  }

  /** Of every line, before it is its turn. */
  foresee(line: string): void {
    const child = REST.exec(line)?.[2];
    if (child !== undefined) this.coming.push(Number(child));
  }

  /** The child that runs before its parent's line is whole. */
  takeFirstChild(): number | undefined {
    return this.coming.shift();
  }

  start(pid: number): void {
    this.runnable = [pid];
  }

  calls({ pid, isPending }: LackeyCall): void {
    this.twins = [];
    this.unborn = without(this.unborn, pid);
    const others = without(this.runnable, pid);
    this.runnable = isPending && others.length > 0 ? others : [pid, ...others];
  }

  /** @param back who has returned from the fork */
  forked(parent: number, child: number, back: 'parent' | 'child' | 'both'): void {
    if (back === 'parent') this.unborn = [...this.unborn, child];
    else if (back === 'child') this.runnable = [child, ...without(this.runnable, parent)];
    else {
      this.runnable = [...this.runnable, child];
      this.twins = [parent, child];
    }
  }

  exited(pid: number): void {
    this.runnable = without(this.runnable, pid);
    this.unborn = without(this.unborn, pid);
  }

  /** Whether a line ends with a return from a fork; who returns runs from here on. */
  returns(line: string): boolean {
    const parent = REST.exec(line)?.[1];
    if (parent !== undefined) this.runnable = [Number(parent), ...without(this.runnable, Number(parent))];
    return parent !== undefined || this.childReturns(line);
  }

  private childReturns(line: string): boolean {
    const [child, ...others] = this.unborn;
    if (child === undefined || !RETURN.test(line)) return false;
    this.unborn = others;
    this.twins = [];
    this.runnable = [child, ...this.runnable];
    return true;
  }
}

function without(pids: readonly number[], pid: number): readonly number[] {
  return pids.filter((other) => other !== pid);
}
