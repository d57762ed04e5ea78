/** What a boot log says of the machine that holds for failure reports too, in the same file or in another. */
import type { KnownMachine } from '../verdict/verdict.ts';
import type { Evidence } from './evidence.ts';
import { ramOfReport } from './ram.ts';

const MIB = 2 ** 20;

export function knownOf({ logs }: Evidence): KnownMachine {
  const reports = logs.flatMap(({ report }) => (report === undefined ? [] : [report]));
  const arch = reports.find((one) => one.dialect !== undefined)?.dialect?.name;
  const kernel = reports.find((one) => one.kernel !== undefined)?.kernel;
  const ramMb = Math.floor(Math.max(0, ...reports.map(ramOfReport)) / MIB);
  return {
    ...(arch !== undefined && { arch }),
    ...(kernel !== undefined && { kernel }),
    ...(ramMb > 0 && { ramMb }),
  };
}
