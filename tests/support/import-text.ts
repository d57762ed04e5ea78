/** Text through all of an import, the format found by its first lines, and its events told in short. */
import { OPERATION_NAMES } from '../../core/event/access-mode.ts';
import { type Batch, eventsOf } from '../../core/event/batch.ts';
import type { MemoryEvent } from '../../core/event/kinds.ts';
import { type ImportedTrace, importTrace } from '../../traces/index.ts';
import { inBlocks } from '../traces/support.ts';

export async function importText(
  text: string | Uint8Array,
  from?: string,
  blockBytes = 1 << 20,
): Promise<{ result: ImportedTrace; batches: Batch[]; told: string[] }> {
  const batches: Batch[] = [];
  const output = { write: (batch: Batch) => void batches.push(batch) };
  const blocks = inBlocks(typeof text === 'string' ? Buffer.from(text) : text, blockBytes);
  const result = await importTrace({ name: 'some.txt', blocks, from }, output);
  const told = batches.flatMap((batch) => [...eventsOf(batch)]).map(tellShort);
  return { result, batches, told };
}

/** `read 1+16 4` for a read of 4 bytes at offset 16 of object 1; other events by their first field. */
function tellShort(event: MemoryEvent): string {
  if (event.kind === 'access') {
    const { mode, object, offset, size } = event;
    const more = `${mode & 4 ? ' by the kernel' : ''}${mode & 8 ? ' continued' : ''}`;
    return `${OPERATION_NAMES[mode & 3]}${more} ${object}+${offset} ${size}`;
  }
  if ('pid' in event) return `${event.kind} ${event.pid}`;
  return 'object' in event ? `${event.kind} ${event.object}` : event.kind;
}
