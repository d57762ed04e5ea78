/** Encoding: events in memory to a .vmt trace in memory. Decoding is the first stage of the replay suite. */
import { WORKLOADS } from '../../workloads/index.js';
import { encode as encodeTrace } from '../inputs.js';
const WORKLOAD_EVENTS = 2 ** 16;
export const encode = {
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
function rowOf(workload) {
    return {
        name: workload.name,
        async prepare({ seed }) {
            const batches = [...workload.generate(seed, {}, WORKLOAD_EVENTS)];
            const bytes = (await encodeTrace(batches)).length;
            return { events: WORKLOAD_EVENTS, bytes, isAsync: true, run: () => encodeTrace(batches) };
        },
    };
}
//# sourceMappingURL=encode.js.map