/**
 * The machine in the middle of a batch. The fold is pure, so a batch can be folded again, up to where something
 * needs explaining; asking for one event after the other folds it again once in all.
 */
import { type Batch, sliceBatch } from '../../core/event/batch.ts';
import { fold } from '../../core/fold/fold.ts';
import type { Machine } from '../../core/machine/machine.ts';

/** A batch that was folded, gone through once more: asks for the machine that one of its events met. */
export class Rewind {
  private readonly batch: Batch;
  private machine: Machine;
  private at = 0;

  /** `before` is the machine that the batch was folded into. */
  constructor(before: Machine, batch: Batch) {
    this.machine = before;
    this.batch = batch;
  }

  /** The machine that event `at` of the batch met; `at` never goes back. */
  to(at: number): Machine {
    if (at > this.at) this.machine = fold(this.machine, sliceBatch(this.batch, this.at, at)).machine;
    this.at = at;
    return this.machine;
  }
}
