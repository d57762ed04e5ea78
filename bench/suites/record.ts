/** Recording: synthetic workloads, generated and written to a trace in memory. */
import { WORKLOADS, type Workload } from '../../workloads/index.ts';
import { encode } from '../inputs/inputs.ts';
import type { Row, Suite } from './suite.ts';

const EVENTS = 2 ** 16;

export const record: Suite = {
  name: 'record',
  unit: 'events',
  doc: 'synthetic workloads, generated and encoded',
  rows: WORKLOADS.map(rowOf),
};

function rowOf(workload: Workload): Row {
  return {
    name: workload.name,
    async prepare({ seed }) {
      const run = () => encode(workload.generate(seed, {}, EVENTS));
      const bytes = (await run()).length;
      return { events: EVENTS, bytes, isAsync: true, run };
    },
  };
}
