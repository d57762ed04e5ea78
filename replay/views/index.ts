/** The kernel's view of a simulated machine, in the kernel's own formats: the reports there are, by name. */
import { UsageError } from '../../core/base/errors.ts';
import { nearest } from '../../core/base/nearest.ts';
import { buddyinfo } from './buddyinfo.ts';
import { iomem } from './iomem.ts';
import { kernelPageTables } from './kernel-page-tables.ts';
import { meminfo } from './meminfo.ts';
import { pagetypeinfo } from './pagetypeinfo.ts';
import { maps, pagemap, pmap, smaps } from './process-files.ts';
import { smapsRollup, status } from './process-status.ts';
import { slabinfo } from './slabinfo.ts';
import type { ProcessView, View } from './view.ts';
import { vmallocinfo } from './vmallocinfo.ts';
import { zoneinfo } from './zoneinfo.ts';

export type { ProcessView, View } from './view.ts';

/** Views of the whole machine. */
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

/** Views of one process. */
export const PROCESS_VIEWS: readonly ProcessView[] = [maps, smaps, smapsRollup, status, pmap, pagemap];

/** The view of this name, of a process if it is one of those; an unknown name is a UsageError that lists them. */
export function viewNamed(name: string, pid?: number): View {
  const ofProcess = PROCESS_VIEWS.find((view) => view.name === name);
  if (ofProcess !== undefined) return ofProcess.of(pid);
  const found = VIEWS.find((view) => view.name === name);
  const names = (views: readonly { readonly name: string }[]): string => views.map((v) => v.name).join(', ');
  if (found === undefined) throw unknownView(name);
  if (pid !== undefined)
    throw new UsageError(`found --pid with ${name}, expected it with one of ${names(PROCESS_VIEWS)} only`);
  return found;
}

function unknownView(name: string): UsageError {
  const known = [...VIEWS, ...PROCESS_VIEWS].map((view) => view.name);
  const near = nearest(name, known);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return new UsageError(`found view '${name}', expected one of ${known.join(', ')}${hint}`);
}
