/** The event queue in the hold model (suites/queue.ts), against queues for JavaScript. */
import FastPriorityQueue from 'fastpriorityqueue';
import FlatQueue from 'flatqueue';
import { Heap } from 'heap-js';
import TinyQueue from 'tinyqueue';
import { EventQueue } from '../../../workloads/engine/queue.ts';
import { xorshift32 } from '../../inputs/streams.ts';
import type { Entrant, Lengths, LimitRow } from '../row.ts';

/** Pops the earliest event and says when it is due. */
interface Holds {
  push(timeNs: number, event: number): void;
  /** Pops the earliest and pushes it back so much later; says when it was due. */
  hold(laterNs: number): number;
}

const ENTRANTS: readonly { readonly name: string; readonly isPeer?: boolean; readonly make: () => Holds }[] =
  [
    { name: 'EventQueue, equals in order', make: ours },
    { name: 'flatqueue', isPeer: true, make: () => flat(new FlatQueue()) },
    { name: 'flatqueue of a fixed size', isPeer: true, make: () => flat(new FlatQueue(2 ** 17)) },
    { name: 'tinyqueue', isPeer: true, make: tiny },
    { name: 'fastpriorityqueue', isPeer: true, make: fast },
    { name: 'heap-js', isPeer: true, make: heap },
  ];

export function queueRows({ holds }: Lengths): LimitRow[] {
  return [1024, 65_536].map((pending) => ({
    suite: 'queue',
    name: `${pending.toLocaleString('en')} events pending`,
    unit: 'holds',
    program: 'queue',
    args: [pending, holds].map(String),
    entrants: ENTRANTS.map(
      ({ name, isPeer = false, make }): Entrant => ({
        name,
        isPeer,
        prepare() {
          const random = xorshift32(0xdeadbeef);
          const queue = make();
          for (let event = 0; event < pending; event++) queue.push(random() & 0xffff, event);
          const run = (): number => {
            let timeNs = 0;
            for (let i = 0; i < holds; i++) timeNs = queue.hold(1 + (random() & 0xffff));
            return timeNs;
          };
          return { events: holds, run, check: () => `time ${run()}` };
        },
      }),
    ),
  }));
}

function ours(): Holds {
  const queue = new EventQueue<number>();
  return {
    push: (timeNs, event) => queue.push(timeNs, event),
    hold(laterNs) {
      const event = queue.pop()!;
      const { nowNs } = queue;
      queue.push(nowNs + laterNs, event);
      return nowNs;
    },
  };
}

function flat(queue: FlatQueue): Holds {
  return {
    push: (timeNs, event) => queue.push(event, timeNs),
    hold(laterNs) {
      const nowNs = queue.peekValue()!;
      queue.push(queue.pop()!, nowNs + laterNs);
      return nowNs;
    },
  };
}

interface Timed {
  readonly timeNs: number;
  readonly event: number;
}

/** Of the queues of things that a comparison puts in order. */
function compared(add: (thing: Timed) => unknown, take: () => Timed | undefined): Holds {
  return {
    push: (timeNs, event) => add({ timeNs, event }),
    hold(laterNs) {
      const { timeNs, event } = take()!;
      add({ timeNs: timeNs + laterNs, event });
      return timeNs;
    },
  };
}

const byTime = (a: Timed, b: Timed): number => a.timeNs - b.timeNs;

function tiny(): Holds {
  const queue = new TinyQueue<Timed>([], byTime);
  return compared(
    (thing) => queue.push(thing),
    () => queue.pop(),
  );
}

function fast(): Holds {
  const queue = new FastPriorityQueue<Timed>((a, b) => a.timeNs < b.timeNs);
  return compared(
    (thing) => queue.add(thing),
    () => queue.poll(),
  );
}

function heap(): Holds {
  const queue = new Heap<Timed>(byTime);
  return compared(
    (thing) => queue.push(thing),
    () => queue.pop(),
  );
}
