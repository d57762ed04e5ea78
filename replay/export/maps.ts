/**
 * The mappings of every process at the end of a trace, as /proc/PID/maps has them under a layout; before each process a
 * line with its number. Of one moment: what happened on the way there is not in it.
 */
import type { Machine } from '../../core/machine/machine.ts';
import { viewNamed } from '../views/index.ts';
import type { Exporter } from './exporter.ts';

export const maps: Exporter = {
  name: 'maps',
  describe: 'mappings of every process at the end, as /proc/PID/maps has them; of another moment: `at`',
  extension: 'maps',
  layout: 'needs',
  async *write({ passes, lane }, tally) {
    let machine: Machine = lane!.machine;
    for await (const { batch, step } of passes) {
      machine = step!.after;
      tally.leave('events of which only the mappings at the end are told', batch.count);
    }
    const encoder = new TextEncoder();
    for (const pid of Object.keys(machine.records.processes).map(Number)) {
      const text = viewNamed('maps', pid).text(machine);
      yield encoder.encode(`# process ${pid}\n${text}\n`);
    }
  },
};
