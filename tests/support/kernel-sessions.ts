/**
 * A model of what a kernel did, and how the tools print it, each with every option that we know of. The renderers follow
 * the tools' own format strings: trace_output.c of the kernel, trace-read.c of trace-cmd, builtin-script.c and
 * builtin-trace.c of perf.
 */
import fc from 'fast-check';

type Body =
  | { readonly kind: 'mm_page_alloc'; readonly pfn: number; readonly order: number; readonly gfp: Gfp }
  | { readonly kind: 'mm_page_free'; readonly pfn: number; readonly order: number }
  | { readonly kind: 'kmalloc'; readonly ptr: number; readonly size: number; readonly gfp: Gfp }
  | {
      readonly kind: 'kmem_cache_alloc';
      readonly ptr: number;
      readonly size: number;
      readonly cache: string;
      readonly gfp: Gfp;
    }
  | { readonly kind: 'kfree'; readonly ptr: number }
  | { readonly kind: 'kmem_cache_free'; readonly ptr: number; readonly cache: string };

/** Flags as the kernel names them, and their bits since Linux 5.0. */
type Gfp = readonly [names: string, mask: number];

export type SessionEvent = Body & {
  readonly timeUs: number;
  readonly cpu: number;
  readonly pid: number;
  readonly comm: string;
};

const GFPS: readonly Gfp[] = [
  ['GFP_KERNEL', 0xcc0],
  ['GFP_KERNEL|__GFP_ZERO', 0xdc0],
  ['GFP_HIGHUSER_MOVABLE|__GFP_COMP', 0x140cca],
  ['GFP_NOWAIT|__GFP_NOWARN', 0x2800],
];
/** What people and kernels call tasks; each is shorter than 16 bytes. */
const COMMS = [
  'bash',
  '<idle>',
  'kworker/0:1-eve',
  'my app-2 v1',
  'a-b-42',
  'x [y] (z)',
  'memfd:sealed',
  'a: b',
  '[x]',
];

const gfp = fc.constantFrom(...GFPS);
/** Two pages in three succeed. */
const pfn = fc.constantFrom(0, 0x100, 0x101, 0x102, 0x104, 0x108, 0x23d424);
const order = fc.nat(3);
const ptr = fc.constantFrom(0, 0x2000, 0x2040, 0x2080);
const cache = fc.constantFrom('filp', 'vm_area_struct', 'kmalloc-32');
const size = fc.constantFrom(8, 32, 104);

const body: fc.Arbitrary<Body> = fc.oneof(
  fc.record({ kind: fc.constant('mm_page_alloc' as const), pfn, order, gfp }),
  fc.record({ kind: fc.constant('mm_page_free' as const), pfn: pfn.filter((n) => n > 0), order }),
  fc.record({ kind: fc.constant('kmalloc' as const), ptr, size, gfp }),
  fc.record({ kind: fc.constant('kmem_cache_alloc' as const), ptr, size, cache, gfp }),
  fc.record({ kind: fc.constant('kfree' as const), ptr }),
  fc.record({ kind: fc.constant('kmem_cache_free' as const), ptr: ptr.filter((n) => n > 0), cache }),
);

/** In the order of time, as all tools print. */
export const session: fc.Arbitrary<SessionEvent[]> = fc
  .array(
    fc.record({
      body,
      passedUs: fc.constantFrom(0, 1, 17, 999_999, 1_000_000),
      cpu: fc.nat(3),
      task: fc.nat(4),
    }),
    { minLength: 1, maxLength: 24 },
  )
  .chain((steps) =>
    fc.shuffledSubarray(COMMS, { minLength: 5, maxLength: 5 }).map((comms) => {
      let timeUs = 1_264_666_734;
      return steps.map(({ body, passedUs, cpu, task }) => {
        timeUs += passedUs;
        return { ...body, timeUs, cpu, pid: task === 0 ? 0 : 1000 + task, comm: comms[task]! };
      });
    }),
  );

/** A way to print, and what it leaves out. */
export interface Printing {
  readonly text: string;
  readonly lacks: { readonly cpu?: boolean; readonly time?: boolean; readonly task?: boolean };
}
export type Printer = (events: readonly SessionEvent[]) => Printing;

const hex = (n: number): string => `0x${n.toString(16)}`;
const address = (ptr: number): string =>
  ptr === 0 ? '0x0' : `0xffff8880${ptr.toString(16).padStart(8, '0')}`;

/** The words of the tracepoints, as TP_printk has them in one version or another. */
export interface Words {
  readonly version: 'new' | 'old';
  /** `(nil)` of perf and trace-cmd, `(null)` of kernels before 4.15, zeros since. */
  readonly nil: string;
}

function words(event: SessionEvent, { version, nil }: Words): string {
  const pointer = (ptr: number) => (ptr === 0 ? nil : `ffff8880${ptr.toString(16).padStart(8, '0')}`);
  const site = version === 'new' ? 'call_site=f+0x1/0x2 [mod]' : 'call_site=ffffffff81000000';
  const named = (cache: string) => (version === 'new' ? ` name=${cache}` : ` name=${cache}`);
  const page = (pfn: number) =>
    `page=${pfn === 0 ? nil : 'ffffea0000000000'} pfn=${version === 'new' ? hex(pfn) : pfn}`;
  switch (event.kind) {
    case 'mm_page_alloc':
      return `${page(event.pfn)} order=${event.order} migratetype=0 gfp_flags=${event.gfp[0]}`;
    case 'mm_page_free':
      return `${page(event.pfn)} order=${event.order}`;
    case 'kmalloc':
      return `${site} ptr=${pointer(event.ptr)} bytes_req=${event.size} bytes_alloc=${event.size} gfp_flags=${event.gfp[0]} node=-1 accounted=false`;
    case 'kmem_cache_alloc':
      return `${site} ptr=${pointer(event.ptr)}${named(event.cache)} bytes_req=${event.size} bytes_alloc=${event.size} gfp_flags=${event.gfp[0]} node=-1`;
    case 'kfree':
      return `${site} ptr=${pointer(event.ptr)}`;
    case 'kmem_cache_free':
      return `${site} ptr=${pointer(event.ptr)}${named(event.cache)}`;
  }
}

/** The fields of a record: name, value, and whether it is an address. */
function fieldsOf(event: SessionEvent): [name: string, value: number | string, isAddress?: boolean][] {
  const slab = (size: number, gfp: Gfp): [string, number][] => [
    ['bytes_req', size],
    ['bytes_alloc', size],
    ['gfp_flags', gfp[1]],
  ];
  switch (event.kind) {
    case 'mm_page_alloc':
      return [
        ['pfn', event.pfn],
        ['order', event.order],
        ['gfp_flags', event.gfp[1]],
        ['migratetype', 0],
      ];
    case 'mm_page_free':
      return [
        ['pfn', event.pfn],
        ['order', event.order],
      ];
    case 'kmalloc':
      return [['call_site', 0xc0], ['ptr', event.ptr, true], ...slab(event.size, event.gfp)];
    case 'kmem_cache_alloc':
      return [
        ['call_site', 0xc0],
        ['ptr', event.ptr, true],
        ['name', event.cache],
        ...slab(event.size, event.gfp),
      ];
    case 'kfree':
      return [
        ['call_site', 0xc0],
        ['ptr', event.ptr, true],
      ];
    case 'kmem_cache_free':
      return [
        ['call_site', 0xc0],
        ['ptr', event.ptr, true],
        ['name', event.cache],
      ];
  }
}

const signed = (n: number, isAddress = false): string =>
  `${isAddress ? address(n) : hex(n)} (${isAddress && n > 0 ? -1 - n : n})`;

/** tracefs' option `fields`: the last field first, since they are kept so (print_fields). */
const printedFields = (event: SessionEvent): string =>
  fieldsOf(event)
    .reverse()
    .map(
      ([name, value, isAddress]) => `${name}=${typeof value === 'string' ? value : signed(value, isAddress)}`,
    )
    .join(' ');

/** trace-cmd report -R (print_field_raw of libtraceevent). */
const rawFields = (event: SessionEvent): string =>
  fieldsOf(event)
    .map(([name, value, isAddress]) => {
      if (typeof value === 'string') return `${name}=${value}`;
      return `${name}=${isAddress ? address(value) : /pfn|gfp/.test(name) ? hex(value) : value}`;
    })
    .join(' ');

function seconds(timeUs: number, digits: 6 | 9 = 6): string {
  return `${Math.floor(timeUs / 1e6)}.${String(timeUs % 1e6).padStart(6, '0')}${digits === 9 ? '000' : ''}`;
}
const cpuOf = ({ cpu }: SessionEvent): string => `[${String(cpu).padStart(3, '0')}]`;
const lines = (all: readonly string[], end: string): string => `${all.join(end)}${end}`;

const WORDS: fc.Arbitrary<Words> = fc.constantFrom<Words[]>(
  { version: 'new', nil: '0000000000000000' },
  { version: 'old', nil: '          (null)' },
  { version: 'new', nil: '(nil)' },
);
const FLAGS = fc.constantFrom('.....', 'd..2.', 'dNh1.', '...1', 'd.s3');
const END = fc.constantFrom('\n', '\r\n');
const BANNER = [
  '# tracer: nop',
  '#',
  '#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION',
  '#              | |',
];

/** Lines of other tracers behind a head, and without one. */
const FOREIGN = [
  'vfs_read <-ksys_read',
  'sys_read -> 0x64',
  'sys_read(fd: 3)',
  'my_func+0x10/0x20: hello',
  '<stack trace>',
];
const HEADLESS = [
  ' => kmem_cache_alloc',
  'CPU:1 [LOST EVENTS]',
  '##### CPU 1 buffer started ####',
  'second line of a marker',
  '',
];

export const ftrace: fc.Arbitrary<Printer> = fc
  .record({
    words: fc.option(WORDS, { nil: undefined }),
    flags: fc.option(FLAGS, { nil: '' }),
    tgid: fc.constantFrom('', '(  24475) ', '(-------) '),
    form: fc.constantFrom('plain', 'plain', 'latency', 'verbose', 'no context', 'function_graph', 'dmesg'),
    ticks: fc.boolean(),
    banner: fc.boolean(),
    end: END,
    foreign: fc.boolean(),
  })
  .map(({ words: version, flags, tgid, form, ticks, banner, end, foreign }): Printer => {
    const bodyOf = (event: SessionEvent) =>
      `${event.kind}: ${version === undefined ? printedFields(event) : words(event, version)}`;
    const headOf = (event: SessionEvent): string => headOfFtrace(event, { flags, tgid, form, ticks });
    return (events) => {
      const printed = events.flatMap((event, i) => {
        const line = `${headOf(event)}${bodyOf(event)}${form === 'function_graph' ? ' */' : ''}`;
        if (!foreign || form === 'no context' || form === 'function_graph') return [line];
        return [line, `${headOf(event)}${FOREIGN[i % FOREIGN.length]}`, HEADLESS[i % HEADLESS.length]!];
      });
      const lacks = {
        cpu: form === 'no context',
        time: form === 'no context' || (ticks && form === 'plain'),
        task: form === 'no context',
      };
      return { text: lines([...(banner ? BANNER : []), ...printed], end), lacks };
    };
  });

interface FtraceHead {
  readonly flags: string;
  readonly tgid: string;
  readonly form: string;
  readonly ticks: boolean;
}

function headOfFtrace(event: SessionEvent, { flags, tgid, form, ticks }: FtraceHead): string {
  const { comm, pid, cpu, timeUs } = event;
  const short = `${comm.slice(0, 8).padStart(8)}-${String(pid).padEnd(7)} ${String(cpu).padStart(3)}${flags || '.....'}`;
  switch (form) {
    case 'latency':
      return `${short} ${String(timeUs).padStart(4)}us+: `;
    case 'dmesg':
      return `[   23.456789] ${short} ${String(timeUs).padStart(4)}us : `;
    case 'verbose': {
      const at = timeUs.toString(16).padStart(8, '0');
      return `${comm.padStart(16)} ${String(pid).padStart(7)} ${String(cpu).padStart(3)} 1 00000001 00000007 [${at}] 0.012ms (+0.005ms): `;
    }
    case 'no context':
      return '';
    case 'function_graph':
      return `${seconds(timeUs).padStart(12)} |  ${String(cpu).padStart(2)})  ${comm.slice(0, 7)}-${pid}   |               |  /* `;
    default: {
      const time = ticks ? String(timeUs).padStart(12) : seconds(timeUs).padStart(12);
      const lat = flags === '' ? '' : ` ${flags}`;
      return `${comm.padStart(16)}-${String(pid).padEnd(7)} ${tgid}${cpuOf(event)}${lat} ${time}: `;
    }
  }
}

export const perfScript: fc.Arbitrary<Printer> = fc
  .record({
    comm: fc.boolean(),
    task: fc.constantFrom('none', 'tid', 'pid/tid'),
    cpu: fc.boolean(),
    time: fc.constantFrom('none', 'time', 'ns', 'delta', 'relative'),
    period: fc.boolean(),
    chains: fc.boolean(),
    end: END,
  })
  .map(({ comm, task, cpu, time, period, chains, end }): Printer => {
    return (events) => {
      let before: number | undefined;
      const how = time === 'delta' && !goBack(events) ? 'time' : time;
      const printed = events.flatMap((event) => {
        // a name without its number can be told from no other text when it is not padded
        const padded = !chains || task === 'none';
        const name = !comm ? '' : `${padded ? event.comm.padStart(16) : event.comm} `;
        const tid = String(event.pid);
        const number = {
          none: '',
          tid: `${tid.padStart(7)} `,
          'pid/tid': `${tid.padStart(7)}/${tid.padEnd(7)} `,
        }[task];
        const at = timeOfPerf(how, event.timeUs, before ?? event.timeUs, events[0]!.timeUs);
        before = event.timeUs;
        const line = `${name}${number}${cpu ? `${cpuOf(event)} ` : ''}${at}${period ? '         1 ' : ''}`;
        const text = `${line}${`kmem:${event.kind}`.padStart(20)}: ${words(event, { version: 'new', nil: '(nil)' })}`;
        const chain = [
          '\tffffffff81000000 x+0x1 ([kernel.kallsyms])',
          '\t               0 [unknown] ([unknown])',
          '',
        ];
        return chains ? [text, ...chain] : [text];
      });
      return {
        text: lines(printed, end),
        lacks: { cpu: !cpu, time: time === 'none', task: task === 'none' },
      };
    };
  });

/** Whether the differences say that they are: without one that is less than that before, they may be times. */
function goBack(events: readonly SessionEvent[]): boolean {
  const passed = events.map(({ timeUs }, i) => timeUs - (events[i - 1]?.timeUs ?? timeUs));
  return passed.some((us, i) => us < (passed[i - 1] ?? 0));
}

function timeOfPerf(how: string, timeUs: number, beforeUs: number, firstUs: number): string {
  if (how === 'none') return '';
  if (how === 'ns') return `${seconds(timeUs, 9).padStart(15)}: `;
  const us = how === 'delta' ? timeUs - beforeUs : how === 'relative' ? timeUs - firstUs : timeUs;
  return `${seconds(us).padStart(12)}: `;
}

export const traceCmd: fc.Arbitrary<Printer> = fc
  .record({
    prefix: fc.constantFrom('', 'tcx: ', 'my-buffer: '),
    flags: fc.option(FLAGS, { nil: '' }),
    form: fc.constantFrom('plain', 'latency', 'raw', 'ticks'),
    since: fc.boolean(),
    banner: fc.boolean(),
    end: END,
  })
  .map(({ prefix, flags, form, since, banner, end }): Printer => {
    return (events) => {
      const printed = events.map((event, i) => {
        const { comm, pid, cpu, timeUs } = event;
        const task =
          form === 'latency'
            ? `${comm.slice(0, 8).padStart(8)}-${String(pid).padEnd(5)} ${String(cpu).padStart(3)}${flags || '.....'}`
            : `${comm.padStart(16)}-${String(pid).padEnd(5)} ${cpuOf(event)}`;
        const marks = form === 'latency' ? '' : form === 'raw' ? '-0x1' : flags === '' ? '' : ` ${flags}`;
        const time = form === 'ticks' ? String(timeUs).padStart(12) : ` ${seconds(timeUs)}`;
        const passed = since ? ` ${(i === 0 ? '' : `(+${timeUs - events[i - 1]!.timeUs})`).padEnd(8)}` : '';
        const fields = form === 'raw' ? rawFields(event) : words(event, { version: 'new', nil: '(nil)' });
        return `${prefix}${task}${marks}${time}:${passed} ${`${event.kind}:`.padEnd(22)}${fields}`;
      });
      const lacks = { time: form === 'ticks' };
      return { text: lines([...(banner ? ['cpus=4'] : []), ...printed], end), lacks };
    };
  });

/** perf trace: no cpu, the fields that are not 0. */
export const perfTrace: fc.Arbitrary<Printer> = fc
  .record({ duration: fc.constantFrom('', '(         ): '), words: fc.boolean(), end: END })
  .map(({ duration, words: areWords, end }): Printer => {
    return (events) => {
      const printed = events.map((event) => {
        const said = fieldsOf(event)
          .filter(([, value]) => value !== 0)
          .map(([name, value, isAddress]) => {
            if (typeof value === 'string') return `${name}: "${value}"`;
            return `${name}: ${isAddress ? address(value) : value}`;
          });
        const text = areWords ? words(event, { version: 'new', nil: '(nil)' }) : said.join(', ');
        const at = ((event.timeUs - events[0]!.timeUs) / 1000).toFixed(3).padStart(10);
        return `${at} ${duration}${event.comm.slice(0, 14)}/${event.pid} kmem:${event.kind}(${text})`;
      });
      return { text: lines(printed, end), lacks: { cpu: true } };
    };
  });

export const bpftrace: fc.Arbitrary<Printer> = END.map((end): Printer => {
  return (events) => {
    const printed = events.map((event) => {
      const fields = fieldsOf(event).map(([name, value, isAddress]) =>
        isAddress ? `.${name} = ${address(value as number)}` : `.${name} = ${value}`,
      );
      return `tracepoint:kmem:${event.kind} pid=${event.pid} cpu=${event.cpu} nsecs=${event.timeUs * 1000} { ${fields.join(', ')} }`;
    });
    return { text: lines(['Attaching 6 probes...', ...printed], end), lacks: {} };
  };
});

/** The plainest way: tracefs of a late kernel. */
export const PLAIN: Printer = (events) => ({
  text: lines(
    events.map((event) => {
      const head = headOfFtrace(event, { flags: '.....', tgid: '', form: 'plain', ticks: false });
      return `${head}${event.kind}: ${words(event, { version: 'new', nil: '0000000000000000' })}`;
    }),
    '\n',
  ),
  lacks: {},
});
