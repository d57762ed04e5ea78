/**
 * The machine in the middle of a batch. The fold is pure, so a batch can be folded again, up to where something
 * needs explaining; asking for one event after the other folds it again once in all.
 */
import { sliceBatch } from '../core/event/batch.js';
import { fold } from '../core/fold.js';
export class Rewind {
    batch;
    machine;
    at = 0;
    /** `before` is the machine that the batch was folded into. */
    constructor(before, batch) {
        this.machine = before;
        this.batch = batch;
    }
    /** The machine that event `at` of the batch met; `at` never goes back. */
    to(at) {
        if (at > this.at)
            this.machine = fold(this.machine, sliceBatch(this.batch, this.at, at)).machine;
        this.at = at;
        return this.machine;
    }
}
//# sourceMappingURL=rewind.js.map