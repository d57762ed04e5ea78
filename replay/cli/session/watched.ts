/** The batches of a run on their way to a command: with progress, and until Ctrl-C. */
import type { Batch } from '../../../core/index.ts';
import { type BatchSource, breathing } from '../../index.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface Watch {
  /** `reading drivers.vmt` */
  readonly label: string;
  /** Undefined when it is not known. */
  readonly total: number | undefined;
}

/** The same batches; throws when the command was interrupted. */
export async function* watched(
  terminal: Terminal,
  source: BatchSource,
  { label, total }: Watch,
): AsyncGenerator<Batch> {
  const progress = terminal.progress(label, 'events', total);
  let done = 0;
  try {
    for await (const batch of breathing(source, () => performance.now())) {
      yield batch;
      terminal.signal.throwIfAborted();
      done += batch.count;
      progress.update(done);
    }
  } finally {
    progress.stop();
  }
}
