/** A lane: one layout being replayed. A plain loop around the fold that keeps count; no rxjs in here. */
import { bootMachine } from '../core/boot.js';
import { eventAt } from '../core/event/batch.js';
import { fold } from '../core/fold.js';
import { STATUSES } from '../core/outcome.js';
import { OutcomeDigest } from '../core/outcome-digest.js';
import { describeEvent } from './event-text.js';
import { figuresBehind } from './reasons.js';
import { Rewind } from './rewind.js';
import { Tally } from './tally.js';
export class Lane {
    name;
    layout;
    tally = new Tally();
    digest = new OutcomeDigest();
    firstFailures = [];
    clock;
    current;
    eventCount = 0;
    foldMs = 0;
    /** Boots a machine of this layout; UsageError when it cannot boot. */
    constructor(layout, options = {}) {
        this.layout = layout;
        this.name = options.name ?? layout.name;
        this.clock = options.clock ?? (() => performance.now());
        this.current = bootMachine(layout, options);
    }
    /** The machine after everything folded so far. */
    get machine() {
        return this.current;
    }
    /** Events folded so far. */
    get events() {
        return this.eventCount;
    }
    /** Wall time spent on them. */
    get elapsedMs() {
        return this.foldMs;
    }
    step(batch) {
        const start = this.clock();
        const before = this.current;
        const { machine: after, outcomes } = fold(before, batch);
        this.digest.add(outcomes);
        const failures = this.tally.add(batch, outcomes);
        if (failures.length > 0)
            this.noteFailures(new Rewind(before, batch), batch, failures);
        this.current = after;
        this.eventCount += batch.count;
        this.foldMs += this.clock() - start;
        return { before, after, outcomes };
    }
    noteFailures(rewind, batch, failures) {
        for (const { at, status, origin } of failures) {
            const event = eventAt(batch, at);
            this.firstFailures.push({
                event: this.eventCount + at,
                kind: event.kind,
                status,
                request: describeEvent(event),
                reason: STATUSES.find(({ name }) => name === status).reason,
                detail: figuresBehind(rewind.to(at), event, status, origin),
            });
        }
    }
}
//# sourceMappingURL=engine.js.map