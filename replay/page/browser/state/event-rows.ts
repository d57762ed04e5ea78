/** Rows of events, asked for by who shows them. */
import type { EventRow } from '../../engine/protocol.ts';
import { engine } from './engine.ts';
import { trouble } from './store.ts';

/**
 * Calls `show` with the rows of these events, unless the function that is returned is called before: who is gone, maybe
 * with the run that it showed, wants neither rows nor to hear what went wrong.
 */
export function askForRows(events: readonly number[], show: (rows: readonly EventRow[]) => void): () => void {
  let isWanted = events.length > 0;
  const ask = async (): Promise<void> => {
    try {
      const rows = await engine.rows([...events]);
      if (isWanted) show(rows);
    } catch (error) {
      if (isWanted && (error as Error).name !== 'Overtaken') trouble.value = (error as Error).message;
    }
  };
  if (isWanted) void ask();
  return () => {
    isWanted = false;
  };
}
