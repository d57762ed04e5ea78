/** The events of a recording: a file, or one that is there already, out of an archive. */
import type { Source } from '../../../traces/index.ts';
import { baseName, eventsOf, importedEvents } from '../../brought/index.ts';
import { type Events, sourceOf } from '../../spec/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { runFiles } from './run-files.ts';
import { openBytes } from './trace-input.ts';

const TRACE = /\.vmt(?:\.\w{2,4})?$/;

/** Who opens them closes them. */
export async function recordedEvents(terminal: Terminal, path: string, inside?: Source): Promise<Events> {
  if (inside === undefined && TRACE.test(path))
    return sourceOf({ events: { trace: path } }, runFiles(terminal));
  const input = inside === undefined ? await openBytes(path, 'a trace', terminal) : inside;
  const progress = terminal.progress(`reading ${baseName(path)}`, 'bytes', input.byteLength);
  const onProgress = (bytes: number): void => progress.update(bytes);
  const opening = 'blocks' in input ? importedEvents(input, onProgress) : eventsOf(input, onProgress);
  return opening.finally(() => progress.stop());
}
