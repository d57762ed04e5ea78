/** Numbers for objects; those of objects that are gone are used again, so that tables of them stay small. */
export class ObjectNumbers {
  private readonly free: number[] = [];
  private last = 0;

  take(): number {
    return this.free.pop() ?? ++this.last;
  }

  release(object: number): void {
    this.free.push(object);
  }
}
