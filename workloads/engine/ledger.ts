/**
 * What is alive: which object numbers stand for what, so that they can be given out again, and so that a
 * workload can be asked to free everything.
 */
import { IdPool } from '../../core/event/id-pool.ts';

/** Pages of the largest block that alloc_pages gives (MAX_ORDER 11 in Linux 6.1: order 10). */
const MAX_PAGES = 1024;

interface KmappedPage {
  readonly object: number;
  readonly page: number;
}

export class Ledger {
  private readonly objects = new IdPool();
  /** By object: the kind of event that frees it; 0 = mapped by processes, or not alive. */
  private readonly freedBy: number[] = [];
  /** By object: processes that map it. */
  private readonly mappers: number[] = [];
  private readonly kmapped = new Set<number>();
  /** By object: the device that it is mapped for. */
  readonly dmaMapped = new Map<number, number>();

  /** A number for a kernel object that an event of kind `freedBy` will free. */
  addKernelObject(freedBy: number): number {
    const object = this.objects.take();
    this.freedBy[object] = freedBy;
    return object;
  }

  removeKernelObject(object: number): void {
    this.freedBy[object] = 0;
    this.objects.give(object);
  }

  /** A number for an object that one process maps. */
  addMapped(): number {
    const object = this.objects.take();
    this.freedBy[object] = 0;
    this.mappers[object] = 1;
    return object;
  }

  /** A fork: one process more maps it. */
  share(object: number): void {
    this.mappers[object]!++;
  }

  unmap(object: number): void {
    if (--this.mappers[object]! === 0) this.objects.give(object);
  }

  addKmap(object: number, page: number): void {
    this.kmapped.add(object * MAX_PAGES + page);
  }

  removeKmap(object: number, page: number): void {
    this.kmapped.delete(object * MAX_PAGES + page);
  }

  kmappedPages(): KmappedPage[] {
    return [...this.kmapped].map((key) => ({ object: Math.floor(key / MAX_PAGES), page: key % MAX_PAGES }));
  }

  /** Live kernel objects with the kind of event that frees each; what is mapped must be unmapped first. */
  *kernelObjects(): Generator<{ object: number; freedBy: number }> {
    for (let object = 1; object < this.freedBy.length; object++) {
      const freedBy = this.freedBy[object]!;
      if (freedBy !== 0) yield { object, freedBy };
    }
  }
}
