/** The event queue that a discrete-event workload stands on. */
import { EventQueue } from '../../workloads/engine/queue.ts';
import { xorshift32 } from '../inputs/streams.ts';
import type { Row, Suite } from './suite.ts';

const HOLDS = 2 ** 14;

export const queue: Suite = {
  name: 'queue',
  unit: 'holds',
  doc: 'the hold model: pop the earliest of H events, push it back up to 65,536 later',
  rows: [1024, 65_536].map(hold),
};

/** Vaucher and Duval, "A comparison of simulation event list algorithms", CACM 18(4), 1975. */
function hold(pending: number): Row {
  return {
    name: `H = ${pending}`,
    prepare() {
      const random = xorshift32(0xdeadbeef);
      const events = new EventQueue<number>();
      for (let i = 0; i < pending; i++) events.push(random() & 0xffff, i);
      const run = (): number => {
        let timeNs = 0;
        for (let i = 0; i < HOLDS; i++) {
          const due = events.pop()!;
          timeNs = events.nowNs;
          events.push(timeNs + 1 + (random() & 0xffff), due);
        }
        return timeNs;
      };
      return { events: HOLDS, run };
    },
  };
}
