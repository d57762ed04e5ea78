/** What a cpu of the traced kernel is in the middle of: several events make up one thing that it does. */
import type { Here } from '../score/here.ts';
import type { Refill } from './pcp-observer.ts';

interface PendingFree {
  readonly pfn: number;
  readonly order: number;
  readonly byInterrupt: boolean;
  readonly here: Here;
}

export class CpuState {
  /** Reported as freed, but not yet on a list. */
  readonly frees: PendingFree[] = [];
  /** Whether the last event put a page of a batch on its list: the rest of the batch follows. */
  inBatch = false;
  refill: Refill | undefined;
  /** What the buddy allocator gave last, to somebody who has no use for lists. */
  direct: number | undefined;
  /** The block that was reported last as given. */
  lastGiven = -1;
}
