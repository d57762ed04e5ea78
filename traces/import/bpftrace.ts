/**
 * Imports what a bpftrace program prints of tracepoints of kmem and vmalloc. bpftrace prints what its program says, so a
 * line is taken by what is in it: the name of the tracepoint (the builtin `probe`), and fields by name, in any order:
 *
 *   tracepoint:kmem:kmalloc pid=24475 cpu=1 nsecs=1264666734000 ptr=0xffff8881042f51a0 bytes_req=32 gfp_flags=3264
 *   tracepoint:kmem:kfree { .call_site = 18446744071580000000, .ptr = 0xffff8881042f51a0 }
 *
 * such as `bpftrace -e 'tracepoint:kmem:* { printf("%s pid=%d cpu=%d nsecs=%lld ", probe, tid, cpu, nsecs);
 * print(*args); }'` writes. Names of fields are those of the kernel's records; pid or tid, cpu, and nsecs say the task,
 * the cpu and the time. Without gfp_flags an allocation is taken as GFP_KERNEL; without the cpu, as of cpu 0.
 */
import { namedFields } from '../kernel/named-fields.ts';
import { evidenceOf } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import type { Importer } from './importer.ts';
import { importNamedLines, type NamedTracepoint } from './named-lines.ts';

const NAME = 'bpftrace';

/** The name of the probe, as the builtin has it; `kmem:kmalloc` alone where the program said so. */
const PROBE = /(?:^|\s)(?:tracepoint:|t:)?(kmem|vmalloc):(\w{1,64})(?=[\s:,;{]|$)/;
const MARK = /\btracepoint:(?:kmem|vmalloc):\w/;
const NAMED = /(?:^|[\s,({.])(?:ptr|pfn|va_start|addr) ?(?:=|: )/;
const BANNER = /^Attach(?:ing|ed) \d+ probes?|^@/;
const WITH_FLAGS = /^(?:mm_page_alloc|kmalloc|kmalloc_node|kmem_cache_alloc|kmem_cache_alloc_node)$/;
const MAX_NUMBER_DIGITS = 15;

function read(line: string, assume: (rule: string) => void): NamedTracepoint | string {
  const found = PROBE.exec(line);
  if (found === null)
    return BANNER.test(line) ? 'banner' : /^\s*$/.test(line) ? 'empty line' : UNRECOGNISED.other;
  const name = found[2]!;
  const fields = new Map(namedFields(line.slice(found.index + found[0].length)));
  if (WITH_FLAGS.test(name) && !fields.has('gfp_flags')) {
    assume('allocation without gfp flags: taken as GFP_KERNEL');
    fields.set('gfp_flags', 'GFP_KERNEL');
  }
  return {
    name,
    fields,
    ...said('pid', fields.get('tid') ?? fields.get('pid')),
    ...said('cpu', fields.get('cpu')),
    ...said('timeNs', fields.get('nsecs')),
  };
}

function said(name: 'pid' | 'cpu' | 'timeNs', text: string | undefined): Partial<NamedTracepoint> {
  const digits = text === undefined ? undefined : /^\d+(?=\D|$)/.exec(text)?.[0];
  return digits === undefined || digits.length > MAX_NUMBER_DIGITS + 2 ? {} : { [name]: Number(digits) };
}

export const bpftrace: Importer = {
  name: NAME,
  describe: 'lines of bpftrace with the name of a kmem tracepoint and its fields by name',
  grammar: [
    'tracepoint:kmem:kfree pid=24475 cpu=1 nsecs=1264666734 ptr=0xffff8881042f51a0',
    'the probe, then fields by name in whatever order: pid, cpu, nsecs and those of the tracepoint',
  ],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'probes with fields such as "tracepoint:kmem:kfree ptr=0xffff8881042f51a0"',
      isOwn: (line) => MARK.test(line) && NAMED.test(line),
      isShared: (line) => BANNER.test(line),
    }),
  import: (input, output) =>
    importNamedLines(input, output, {
      name: NAME,
      remedy:
        'Print the probe and its fields by name: printf("%s pid=%d cpu=%d nsecs=%lld ", probe, tid, cpu, nsecs); print(*args);',
      read,
    }),
};
