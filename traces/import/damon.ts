/**
 * Imports what DAMON monitored: `damo report raw` (damo_report_raw.py of damo 1.x and 2.x), and the tracepoint
 * damon_aggregated (include/trace/events/damon.h, 5.15 to 6.18) in any text of a kernel trace.
 *
 *   monitoring_end:           104.599 ms
 *   target_id: 0
 *   563ebaa00000-563ebc99e000 (  31.617 MiB)           1     3
 *   kdamond.0-4568  [001] ..... 79357.842179: damon_aggregated: target_id=0 nr_regions=11 122509119488-135708762112: 2 864
 *
 * DAMON looks at one page of each region, again and again, and counts how often it found an access. So a line says as
 * many accesses as it counted, of pages in the region that it does not name: they are put at even distances over the
 * region, as reads of 1 byte. A region without an access is none. Each target is a process, numbered 1, 2, 3, ...
 *
 * What DAMON cannot say: which pages, loads or stores, sizes, mappings, cpus; and accesses between two looks.
 */
import { READ } from '../../core/event/access-mode.ts';
import { evidenceOf } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import type { BatchSink } from '../vmt/writer.ts';
import type { Importer, ImportInput, ImportResult } from './importer.ts';
import { importSamples, type SampleFormat, type SampleLine } from './sample-import.ts';

const NAME = 'damon';
const PAGE_BYTES = 4096;
/** Samples of a region that are taken from one line: sampling and aggregation intervals of any use give fewer. */
const MOST_SAMPLES = 1024;

const REGION =
  /^ {0,8}([0-9a-f]{1,13})-([0-9a-f]{1,13}) ?\( {0,16}[0-9.,]{1,24}(?: [A-Za-z]{1,5})?\):? {1,16}(\d{1,10})(?: |$)/;
const AGGREGATED =
  /(?:(\d{1,12})\.(\d{6,9}): {1,8})?(?:damon:)?damon_aggregated: +target_id=(\d{1,20}) nr_regions=\d{1,10} (\d{1,15})-(\d{1,15}): (\d{1,10})/;
const TARGET = /^target_id: (\S{1,24})/;
const END = /^monitoring_end: {1,24}(\S.{0,40})/;
const HEADER = /^(?:base_time_absolute|monitoring_(?:start|duration)|nr_regions|# )/;

const NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
};

/** `8 m 59.809 s` (format_time_ns of _damo_fmt_str.py), or a number of nanoseconds. */
export function damoTimeNs(text: string): number {
  let ns = 0;
  for (const [, number, unit] of text.matchAll(/([\d.,]{1,24})(?: ?([a-z]{1,2}))?(?= |$)/g))
    ns += Number(number!.replaceAll(',', '')) * (NS[unit ?? 'ns'] ?? 0);
  return Math.round(ns);
}

class DamonFormat implements SampleFormat {
  readonly name = NAME;
  readonly example = '563ebaa00000-563ebc99e000 (  31.617 MiB)           1     3';
  readonly remedy = 'Record with damo record, and print it with damo report raw';
  private readonly processes = new Map<string, number>();
  private target = '0';
  private timeNs = 0;

  read(text: string, line: SampleLine): string | undefined {
    const target = TARGET.exec(text)?.[1];
    if (target !== undefined) this.target = target;
    const end = END.exec(text)?.[1];
    if (end !== undefined) this.timeNs = damoTimeNs(end);
    if (target !== undefined || end !== undefined || HEADER.test(text)) return 'head of a snapshot';
    const region = REGION.exec(text);
    if (region === null) return this.readTracepoint(text, line);
    const [, start, stop, count] = region;
    line.at({ timeNs: this.timeNs, process: this.processOf(this.target) });
    return touchRegion(line, Number.parseInt(start!, 16), Number.parseInt(stop!, 16), Number(count));
  }

  private readTracepoint(text: string, line: SampleLine): string | undefined {
    const found = AGGREGATED.exec(text);
    if (found === null) return text.startsWith('#') ? 'banner' : UNRECOGNISED.other;
    const [, seconds, fraction, target, start, stop, count] = found;
    const timeNs =
      seconds === undefined ? undefined : Number(seconds) * 1e9 + Number(fraction!.padEnd(9, '0'));
    line.at({ timeNs, process: this.processOf(target!) });
    return touchRegion(line, Number(start), Number(stop), Number(count));
  }

  private processOf(target: string): number {
    const process = this.processes.get(target) ?? this.processes.size + 1;
    this.processes.set(target, process);
    return process;
  }
}

function touchRegion(line: SampleLine, start: number, stop: number, count: number): string | undefined {
  if (count === 0) return 'region without an access';
  const pages = Math.floor((stop - start) / PAGE_BYTES);
  if (pages < 1) return 'region without a page';
  if (count > MOST_SAMPLES)
    line.change(`region with more than ${MOST_SAMPLES} accesses: ${MOST_SAMPLES} taken`);
  const samples = Math.min(count, MOST_SAMPLES, pages);
  for (let i = 0; i < samples; i++) line.touch(READ, start + Math.floor((pages * i) / samples) * PAGE_BYTES);
  return undefined;
}

export const damon: Importer = {
  name: NAME,
  describe:
    'damo report raw, or the tracepoint damon_aggregated: how often regions of memory were found accessed',
  grammar: [
    '563ebaa00000-563ebc99e000 (  31.617 MiB)           1     3    region, size, accesses, age',
    'damon_aggregated: target_id=0 nr_regions=11 122509119488-135708762112: 2 864',
    'accesses are put at even distances over the region, as reads of 1 byte',
  ],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'regions such as "563ebaa00000-563ebc99e000 (  31.617 MiB)  1  3"',
      isOwn: (line) => REGION.test(line) || AGGREGATED.test(line),
      isShared: (line) => HEADER.test(line) || TARGET.test(line) || END.test(line),
    }),
  import: (input: ImportInput, output: BatchSink): Promise<ImportResult> =>
    importSamples(input, output, new DamonFormat()),
};
