/**
 * /proc/slabinfo, versions 2.0 and 2.1: the slab caches (cache_show and print_slabinfo_header of mm/slab_common.c). With
 * SLUB, objects on per-cpu slabs count as active, and caches of one geometry may be one line. Written as by SLUB.
 */
import { columns, type ProcPlace, ProcText } from './text.ts';

/** A line of /proc/slabinfo. */
export interface SlabinfoCache {
  readonly name: string;
  readonly activeObjects: number;
  readonly objects: number;
  readonly objectBytes: number;
  readonly objectsPerSlab: number;
  readonly pagesPerSlab: number;
  readonly activeSlabs: number;
  readonly slabs: number;
}

/** SLAB has values to tune, and with CONFIG_DEBUG_SLAB counts behind them; names may have blanks in them. */
const LINE =
  /^(\S(?:[^:]{0,80}\S)?) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) : tunables +\d+ +\d+ +\d+ : slabdata +(\d+) +(\d+) +\d+(?: : globalstat .*)? *$/;
const TITLE = 'slabinfo - version: 2.1';
const HEADER =
  '# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>' +
  ' : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>';

/** One entry a cache, in the order of the file. Throws ImportError at the first line that a kernel would not print. */
export function parseSlabinfo(text: string, place?: ProcPlace): SlabinfoCache[] {
  const lines = new ProcText(text, '/proc/slabinfo', place);
  lines.expect(/^slabinfo - version: 2\.\d(?: \(statistics\))?$/, `'${TITLE}'`);
  lines.expect(
    /^# name {2,}<active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>.*$/,
    `'${HEADER}'`,
  );
  return lines.untilEnd(() => {
    const [, name, ...cells] = lines.expect(
      LINE,
      "'kmalloc-64   192  192  64  64  1 : tunables 0 0 0 : slabdata 3 3 0'",
    );
    const [activeObjects, objects, objectBytes, objectsPerSlab, pagesPerSlab, activeSlabs, slabs] = cells.map(
      Number,
    ) as [number, number, number, number, number, number, number];
    return {
      name: name!,
      activeObjects,
      objects,
      objectBytes,
      objectsPerSlab,
      pagesPerSlab,
      activeSlabs,
      slabs,
    };
  });
}

/** Text as the kernel prints it. */
export function formatSlabinfo(caches: readonly SlabinfoCache[]): string {
  return `${TITLE}\n${HEADER}\n${caches.map((cache) => `${cacheLine(cache)}\n`).join('')}`;
}

/** SLUB has nothing to tune and shares nothing between cpus. */
function cacheLine(cache: SlabinfoCache): string {
  const { name, activeObjects, objects, objectBytes, objectsPerSlab, pagesPerSlab, activeSlabs, slabs } =
    cache;
  const counts =
    columns([activeObjects, objects, objectBytes], 6) + columns([objectsPerSlab, pagesPerSlab], 4);
  return `${name.padEnd(17)} ${counts}: tunables ${columns([0, 0, 0], 4)}: slabdata ${columns([activeSlabs, slabs, 0], 6).trimEnd()}`;
}
