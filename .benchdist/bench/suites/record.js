/** Recording: synthetic workloads, generated and written to a trace in memory. */
import { WORKLOADS } from '../../workloads/index.js';
import { encode } from '../inputs.js';
const EVENTS = 2 ** 16;
export const record = {
    name: 'record',
    unit: 'events',
    doc: 'synthetic workloads, generated and encoded',
    rows: WORKLOADS.map(rowOf),
};
function rowOf(workload) {
    return {
        name: workload.name,
        async prepare({ seed }) {
            const run = () => encode(workload.generate(seed, {}, EVENTS));
            const bytes = (await run()).length;
            return { events: EVENTS, bytes, isAsync: true, run };
        },
    };
}
//# sourceMappingURL=record.js.map