/** Counts what batches hold: events, events by kind, references by operation. */
import { CONTINUED, EXECUTE, MODIFY, OPERATION_MASK, READ, WRITE } from '../core/event/access-mode.js';
import { EVENT_KINDS } from '../core/event/kinds.js';
const ACCESS = EVENT_KINDS.access.code;
export class TotalsCounter {
    events = 0;
    kinds = new Float64Array(256);
    operations = new Float64Array(4);
    add({ count, kind, c }) {
        const { kinds, operations } = this;
        let accesses = 0;
        for (let i = 0; i < count; i++) {
            if (kind[i] === ACCESS) {
                accesses++;
                const mode = c[i];
                if ((mode & CONTINUED) === 0)
                    operations[mode & OPERATION_MASK]++;
            }
            else {
                kinds[kind[i]]++;
            }
        }
        kinds[ACCESS] += accesses;
        this.events += count;
    }
    /** Kinds are named by the trace's own vocabulary; `kind 200` when it has no such code. */
    totals(vocabulary) {
        const kinds = {};
        this.kinds.forEach((count, code) => {
            if (count > 0)
                kinds[vocabulary[code]?.name ?? `kind ${code}`] = count;
        });
        const { operations } = this;
        return {
            events: this.events,
            kinds,
            references: {
                read: operations[READ],
                write: operations[WRITE],
                modify: operations[MODIFY],
                execute: operations[EXECUTE],
            },
        };
    }
}
//# sourceMappingURL=totals.js.map