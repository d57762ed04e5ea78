/** The kernel's view of a simulated machine, in the kernel's own formats: the reports there are, by name. */
import { UsageError } from '../../core/errors.ts';
import { buddyinfo } from './buddyinfo.ts';
import { iomem } from './iomem.ts';
import { kernelPageTables } from './kernel-page-tables.ts';
import { meminfo } from './meminfo.ts';
import { pagetypeinfo } from './pagetypeinfo.ts';
import { slabinfo } from './slabinfo.ts';
import type { View } from './view.ts';
import { vmallocinfo } from './vmallocinfo.ts';
import { zoneinfo } from './zoneinfo.ts';

export type { View } from './view.ts';

export const VIEWS: readonly View[] = [
  buddyinfo,
  pagetypeinfo,
  zoneinfo,
  meminfo,
  vmallocinfo,
  slabinfo,
  iomem,
  kernelPageTables,
];

/** The view of this name; an unknown name is a UsageError that lists them. */
export function viewNamed(name: string): View {
  const found = VIEWS.find((view) => view.name === name);
  if (found !== undefined) return found;
  throw new UsageError(`found view '${name}', expected one of ${VIEWS.map(({ name }) => name).join(', ')}`);
}
