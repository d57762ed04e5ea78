/**
 * Imports what `perf trace -e 'kmem:*'` prints (trace__event_handler of tools/perf/builtin-trace.c, 4.x to 6.x):
 *
 *      0.000 bash/24475 kmem:kmalloc(call_site: 0xffffffff81234567, ptr: 0xffff8881042f51a0, bytes_req: 32, ...)
 *      0.021 (         ): bash/24475 kmem:mm_page_free(pfn: 1068300)
 *      0.030 kmem:kfree:call_site=0xffffffff81234567 ptr=0xffff8881042f51a0
 *
 * Milliseconds since the first event, the task, the tracepoint, and the fields of its record: those that are 0 are left
 * out. Lines of system calls and page faults are counted. The cpu is not said: all is taken as of cpu 0; gfp flags are
 * numbers, whose bits are taken as those of Linux 5.0 and later.
 */
import { type NamedFields, namedFields } from '../kernel/named-fields.ts';
import { evidenceOf } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import type { Importer } from './importer.ts';
import { importNamedLines, type NamedTracepoint } from './named-lines.ts';

const NAME = 'perf-trace';
const NS_PER_MS = 1e6;

/** `kmem:kmalloc(` or `kmem:kmalloc:`, with what stands before it. */
const LINE =
  /^ {0,16}(\d{1,12}\.\d{3}) (?:\( {0,16}(?:\d{1,9}\.\d{3} ms)? {0,16}\): )?(|.{1,40}? )(kmem|vmalloc):(\w{1,64})[(:]/;
const TASK = /(?:^|[/:])(\d{1,10}) {0,2}$/;
const OTHER_LINE = /^ {0,16}\d{1,12}\.\d{3} (?:\(|[^(]{0,64}\(|[^:]{0,64}:\w{1,64}[(:])/;
const CALLCHAIN = /^ {20,}\S/;
const EMPTY = /^\s*$/;

/** What perf leaves out, as 0 or nothing. */
const ZEROS: NamedFields = new Map([
  ...['pfn', 'order', 'migratetype', 'bytes_req', 'bytes_alloc', 'ptr', 'cold'].map(
    (name) => [name, '0'] as const,
  ),
  ...['alloc_order', 'fallback_order', 'alloc_migratetype', 'fallback_migratetype'].map(
    (name) => [name, '0'] as const,
  ),
  ...['change_ownership', 'va_start', 'addr', 'size', 'align', 'failed', 'percpu_refill'].map(
    (name) => [name, '0'] as const,
  ),
  ['gfp_flags', 'none'],
]);
/** Fields that mean something by being there. */
const ONLY_IF_SAID = ['cold', 'va_start', 'percpu_refill'];

function read(line: string): NamedTracepoint | string {
  const found = LINE.exec(line);
  if (found === null) return ruleOf(line);
  const [all, time, task, , name] = found;
  const said = namedFields(line.slice(all.length));
  const fields = new Map([...ZEROS, ...said]);
  for (const field of ONLY_IF_SAID) if (!said.has(field) && field !== neededBy(name!)) fields.delete(field);
  const pid = TASK.exec(task!)?.[1];
  return {
    name: name!,
    fields,
    timeNs: Math.round(Number(time) * NS_PER_MS),
    ...(pid === undefined ? {} : { pid: Number(pid) }),
  };
}

function neededBy(name: string): string | undefined {
  if (name === 'mm_pagevec_free') return 'cold';
  return name === 'free_vmap_area_noflush' ? 'va_start' : undefined;
}

function ruleOf(line: string): string {
  if (EMPTY.test(line)) return 'empty line';
  if (CALLCHAIN.test(line)) return 'call chain';
  return OTHER_LINE.test(line) ? 'system call, page fault or another tracepoint' : UNRECOGNISED.other;
}

export const perfTrace: Importer = {
  name: NAME,
  describe: "perf trace -e 'kmem:*': pages and slab objects of a kernel, without the cpu",
  grammar: [
    '0.021 bash/24475 kmem:kfree(call_site: 0xffffffff81234567, ptr: 0xffff8881042f51a0)',
    'milliseconds, task, tracepoint, the fields of its record: those that are 0 are left out',
  ],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'tracepoints such as "0.021 bash/24475 kmem:kfree(ptr: 0xffff8881042f51a0)"',
      isOwn: (line) => LINE.test(line),
      isShared: (line) => CALLCHAIN.test(line) || OTHER_LINE.test(line),
    }),
  import: (input, output) =>
    importNamedLines(input, output, {
      name: NAME,
      remedy: "Record with perf trace -e 'kmem:*' -o FILE PROGRAM",
      read,
    }),
};
