/** Blocks of 2^order pages, allocated and freed. */
import { assert } from '../../../core/base/errors.ts';
import type { Batch } from '../../../core/event/batch.ts';
import { COUNTER, GFP_KERNEL, type Machine, type MemoryEvent } from '../../../core/index.ts';
import { type BlockOperations, type BlockStream, blockOperations } from '../../inputs/block-operations.ts';
import { bootedMachine, foldAll, inBatches } from '../../inputs/events.ts';
import { fnv } from '../../inputs/streams.ts';
import { allBlocks } from '../../suites/buddy.ts';
import type { Entrant, Lengths, LimitRow } from '../row.ts';

/** So much that one zone has a free GiB above its watermarks: C has no others. */
const RAM_BYTES = 6n << 30n;

export function buddyRows({ blockOperations: count }: Lengths): LimitRow[] {
  return [row('WALK', 'random orders and lifetimes', count), row('FULL90', 'the same, 90 % in use', count)];
}

function row(stream: BlockStream, doc: string, count: number): LimitRow {
  return {
    suite: 'buddy',
    name: `${stream}, ${doc}`,
    unit: 'operations',
    program: 'buddy',
    args: [stream, String(count)],
    entrants: [
      entrant('alloc_pages', stream, count, (start, { operations }) => allBlocks(start, operations)),
      entrant('the whole fold', stream, count, (start, { operations }) => {
        const batches = eventsOf(operations);
        return () => foldAll(start, batches);
      }),
    ],
  };
}

function entrant(
  name: string,
  stream: BlockStream,
  count: number,
  runOf: (start: Machine, operations: BlockOperations) => () => Machine,
): Entrant {
  return {
    name,
    prepare() {
      const operations = blockOperations(stream, count);
      const start = bootedMachine('linux-x86_64', RAM_BYTES);
      const run = runOf(start, operations);
      const check = (): string => {
        assert(run().counters[COUNTER.failures] === 0, 'a block was not to be had');
        const { live, usedPages } = operations;
        return `stream ${fnv(operations.operations)}, live ${live}, used pages ${usedPages}`;
      };
      return { events: count, run, check };
    },
  };
}

/** Numbers of objects that were freed are given again, so that their table stays as small as it can be. */
function eventsOf(operations: Int32Array): Batch[] {
  return inBatches(eventsFor(operations));
}

function* eventsFor(operations: Int32Array): Generator<MemoryEvent> {
  const header = { cpu: 0, thinkNs: 0 } as const;
  const live: number[] = [];
  const freed: number[] = [];
  for (const operation of operations) {
    if (operation >= 0) {
      const object = freed.pop() ?? live.length + 1;
      live.push(object);
      yield { kind: 'page_alloc', ...header, object, order: operation, gfp: GFP_KERNEL };
    } else {
      const object = live[~operation]!;
      live[~operation] = live.at(-1)!;
      live.pop();
      freed.push(object);
      yield { kind: 'page_free', ...header, object };
    }
  }
}
