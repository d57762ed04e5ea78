/** Who asked for the objects of a trace; that some of them have no name is told once. */
import { MAX_NAMED_OBJECTS, type ObjectNames } from '../../../traces/index.ts';
import type { Events } from '../../spec/index.ts';
import { formatCount } from '../../text/units.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Of a trace from a pipe, once its batches have ended. */
export function namesOf(terminal: Terminal, events: Pick<Events, 'name' | 'names'>): ObjectNames {
  const names = events.names();
  if (names.beyond > 0) terminal.note(`${events.name}: ${beyondText(names)}`);
  return names;
}

export function beyondText({ beyond }: ObjectNames): string {
  return `who asked is known of the first ${formatCount(MAX_NAMED_OBJECTS)} objects that have a name; ${formatCount(beyond)} more are left without`;
}
