/**
 * Numbers for things that come and go: 1, 2, 3, ... Those of the dead are given out again first, so that numbers
 * stay small: the machine's tables are indexed by them.
 */
export class IdPool {
  private readonly free: number[] = [];
  private highest = 0;

  take(): number {
    return this.free.pop() ?? ++this.highest;
  }

  give(id: number): void {
    this.free.push(id);
  }
}
