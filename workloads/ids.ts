/** Numbers for things that come and go: 1, 2, 3, ... with those of the dead given out again first, so they stay small. */
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
