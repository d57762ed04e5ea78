/** Encoding: events in memory to a .vmt trace in memory. Decoding is the first stage of the replay suite. */
import { WORKLOADS, type Workload } from '../../workloads/index.ts';
import { encode as encodeTrace } from '../inputs/inputs.ts';
import type { Row, Suite } from './suite.ts';

const WORKLOAD_EVENTS = 2 ** 16;

export const encode: Suite = {
  name: 'encode',
  unit: 'events',
  doc: 'events in memory to a .vmt trace',
  rows: [
    {
      name: 'the reference trace',
      async prepare(inputs) {
        const { events, batches, bytes } = await inputs.referenceTrace();
        return { events, bytes: bytes.length, isAsync: true, run: () => encodeTrace(batches) };
      },
    },
    ...WORKLOADS.map(rowOf),
  ],
};

function rowOf(workload: Workload): Row {
  return {
    name: workload.name,
    async prepare({ seed }) {
      const batches = [...workload.generate(seed, {}, WORKLOAD_EVENTS)];
      const bytes = (await encodeTrace(batches)).length;
      return { events: WORKLOAD_EVENTS, bytes, isAsync: true, run: () => encodeTrace(batches) };
    },
  };
}
