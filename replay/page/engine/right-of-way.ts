/** Who goes first on the one thread of the engine: what a person waits for, before what runs in the background. */

export class RightOfWay {
  private waiting = 0;
  private free = Promise.resolve();
  private setFree: () => void = () => {};

  /** Work that a person waits for. */
  async first<T>(work: () => Promise<T>): Promise<T> {
    if (this.waiting++ === 0)
      this.free = new Promise((resolve) => {
        this.setFree = resolve;
      });
    try {
      return await work();
    } finally {
      if (--this.waiting === 0) this.setFree();
    }
  }

  /** Work that a person waits for, but later than for what is under way. */
  async second<T>(work: () => Promise<T>): Promise<T> {
    await this.free;
    return this.first(work);
  }

  /** The values of a source, each when nobody waits for something else. */
  async *last<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const value of source) {
      await this.free;
      yield value;
    }
  }
}
