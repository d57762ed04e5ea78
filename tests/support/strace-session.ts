/**
 * A small session of a few processes under strace, and how strace prints it under any of its options that change the
 * text (printleader() of strace.c; syscall.c, mem.c, clone.c of strace 4.5 to 6.8). What happens is decided before,
 * and nothing of it depends on the options.
 */
import fc from 'fast-check';

const PAGE = 4096;
const hex = (number: number): string => `0x${number.toString(16)}`;

/** An argument as strace knows it. */
type Value =
  | { readonly name: string; readonly number: number; readonly hex?: boolean }
  | { readonly name: string; readonly flags: readonly (readonly [name: string, bit: number])[] }
  | { readonly name: string; readonly fd: number; readonly path?: string };

interface Call {
  readonly name: string;
  readonly args: readonly Value[];
  readonly result: number;
  readonly error?: string;
}

/** What is printed as a line, or the half of one; all times are whole seconds. */
export type Happening =
  | { readonly what: 'call' | 'begin' | 'end'; readonly pid: number; readonly call: Call }
  | { readonly what: 'exit'; readonly pid: number }
  | { readonly what: 'signal'; readonly pid: number };

export interface Printing {
  readonly pids: 'file' | 'terminal' | 'comm';
  readonly time: 'none' | 'day' | 'micro' | 'epoch' | 'epochSeconds' | 'since' | 'sinceSeconds' | 'both';
  readonly number: boolean;
  readonly address: boolean;
  readonly context: boolean;
  readonly constants: 'abbrev' | 'verbose' | 'raw' | 'rawArguments';
  readonly names: boolean;
  readonly column: number;
  readonly isOld: boolean;
  readonly duration: boolean;
  readonly paths: boolean;
  readonly stacks: boolean;
  readonly summary: boolean;
  readonly colour: boolean;
  readonly lineEnd: '\n' | '\r\n';
  /** Lines in which processes end; not with -qq. */
  readonly ends: boolean;
  /** Flags of clone stand in its second half, as before strace 4.9. */
  readonly lateFlags: boolean;
}

export const printing: fc.Arbitrary<Printing> = fc.record({
  pids: fc.constantFrom('file', 'terminal', 'comm'),
  time: fc.constantFrom('none', 'day', 'micro', 'epoch', 'epochSeconds', 'since', 'sinceSeconds', 'both'),
  number: fc.boolean(),
  address: fc.boolean(),
  context: fc.boolean(),
  constants: fc.constantFrom('abbrev', 'verbose', 'raw', 'rawArguments'),
  names: fc.boolean(),
  column: fc.constantFrom(0, 40, 90),
  isOld: fc.boolean(),
  duration: fc.boolean(),
  paths: fc.boolean(),
  stacks: fc.boolean(),
  summary: fc.boolean(),
  colour: fc.boolean(),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  ends: fc.boolean(),
  lateFlags: fc.boolean(),
});

const EPOCH = 1_700_000_000;

/** The whole text. */
export function print(session: readonly Happening[], options: Printing): string {
  const alive = new Set([ROOT]);
  let second = 0;
  let lastPrinted = 0;
  const lines = session.flatMap((happening) => {
    // an end is printed in the second of the call that it is the end of: -qq leaves it out, and no time is lost
    if (happening.what !== 'exit') second++;
    const time = timeOf({ second, since: lastPrinted === 0 ? 0 : second - lastPrinted }, options.time);
    const printed = printOne(happening, { time, isSeveral: alive.size > 1 }, options);
    if (printed.length > 0) lastPrinted = second;
    if (happening.what === 'exit') alive.delete(happening.pid);
    else if (happening.what !== 'signal' && isFork(happening.call)) alive.add(happening.call.result);
    return printed;
  });
  const table = options.summary ? SUMMARY : [];
  return [...lines, ...table].map((line) => `${line}${options.lineEnd}`).join('');
}

const SUMMARY = [
  '% time     seconds  usecs/call     calls    errors syscall',
  '------ ----------- ----------- --------- --------- ----------------',
  ' 66.67    0.000010           5         2           mmap',
  '100.00    0.000015           5         3         1 total',
];

interface Moment {
  readonly time: string;
  /** strace follows more than one process. */
  readonly isSeveral: boolean;
}

function printOne(happening: Happening, moment: Moment, options: Printing): string[] {
  const head = headOf(happening.pid, moment, options);
  const body = bodyOf(happening, options);
  if (body === undefined) return [];
  const stack =
    options.stacks && happening.what === 'call' ? [' > /usr/lib/libc.so.6(__mmap+0x26) [0x1026]'] : [];
  const line = `${head}${body}`;
  return [options.colour ? line.replace(/\d+/, (digits) => `\x1b[1m${digits}\x1b[0m`) : line, ...stack];
}

function headOf(pid: number, { time, isSeveral }: Moment, options: Printing): string {
  const terminal = isSeveral ? `[pid ${`${pid}`.padStart(5)}] ` : '';
  const who = { file: `${`${pid}`.padEnd(5)} `, terminal, comm: `${pid}<some prog> ` }[options.pids];
  const number = options.number ? '[   9] ' : '';
  const address = options.address ? '[00007f12aa001122] ' : '';
  const context = options.context ? '[unconfined_u:unconfined_r:unconfined_t:s0] ' : '';
  return `${who}${context}${time}${number}${address}`;
}

interface Seconds {
  readonly second: number;
  readonly since: number;
}

function timeOf({ second, since: passed }: Seconds, time: Printing['time']): string {
  const day = `10:${`${Math.floor(second / 60)}`.padStart(2, '0')}:${`${second % 60}`.padStart(2, '0')}`;
  const since = `${passed}`.padStart(6);
  return {
    none: '',
    day: `${day} `,
    micro: `${day}.000000 `,
    epoch: `${EPOCH + second}.000000 `,
    epochSeconds: `${EPOCH + second} `,
    since: `${since}.000000 `,
    sinceSeconds: `${since} `,
    both: `${day}.000000 (+${since}.000000) `,
  }[time];
}

function bodyOf(happening: Happening, options: Printing): string | undefined {
  if (happening.what === 'signal') return '--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=9} ---';
  if (happening.what === 'exit') return options.ends ? '+++ exited with 0 +++' : undefined;
  const { what, call } = happening;
  const args = call.args.map((arg, i) => printedValue(arg, call, i, options));
  const isLate = options.lateFlags && call.name === 'clone';
  const shown = isLate && what !== 'call' ? '' : args.join(', ');
  const late = isLate && what === 'end' ? ` ${args.join(', ')}` : options.isOld ? ' ' : '';
  const begin = `${call.name}(${shown}`;
  if (what === 'begin') return `${begin}${isLate ? ' ' : ''} <unfinished ...>`;
  const text = what === 'end' ? `<... ${call.name} resumed>${late})` : `${begin})`;
  return `${text.padEnd(options.column)} = ${resultOf(call, options)}`;
}

function resultOf({ name, result, error }: Call, { duration }: Printing): string {
  const isAddress = /^(mmap|mremap|brk|shmat)$/.test(name);
  const value = name === 'exit' ? '?' : isAddress ? (result === 0 ? '0' : hex(result)) : `${result}`;
  const failed = error === undefined ? value : `-1 ${error} (Some reason)`;
  return `${failed}${duration ? ' <0.000012>' : ''}`;
}

function printedValue(value: Value, call: Call, index: number, options: Printing): string {
  // clone names its arguments always
  const isNamed = call.name === 'clone' ? options.constants !== 'rawArguments' : options.names;
  return `${isNamed ? `${value.name}=` : ''}${plainValue(value, index, options)}`;
}

function plainValue(value: Value, index: number, { constants, paths }: Printing): string {
  const isRaw = constants === 'rawArguments';
  if ('number' in value) {
    const isAddress = value.hex === true || isRaw;
    if (value.number === 0) return isAddress && !isRaw && index === 0 ? 'NULL' : '0';
    return isAddress ? hex(value.number) : `${value.number}`;
  }
  if ('fd' in value) {
    if (isRaw) return hex(value.fd >>> 0);
    return paths && value.path !== undefined ? `${value.fd}<${value.path}>` : `${value.fd}`;
  }
  const bits = hex(value.flags.reduce((all, [, bit]) => all | bit, 0));
  const names = value.flags.map(([name]) => name).join('|');
  return { abbrev: names, verbose: `${bits} /* ${names} */`, raw: bits, rawArguments: bits }[constants];
}

function isFork({ name }: Call): boolean {
  return name === 'clone' || name === 'fork';
}

const ROOT = 20;
const BASE = 0x7f00_0000_0000;

const READ: readonly [string, number] = ['PROT_READ', 1];
const READ_WRITE = [READ, ['PROT_WRITE', 2]] as const;
const PRIVATE: readonly [string, number] = ['MAP_PRIVATE', 2];
const ANONYMOUS = [PRIVATE, ['MAP_ANONYMOUS', 0x20], ['MAP_NORESERVE', 0x4000]] as const;
const SHARED = [
  ['MAP_SHARED', 1],
  ['MAP_ANONYMOUS', 0x20],
] as const;

const address = (number: number): Value => ({ name: 'addr', number, hex: true });
const length = (number: number): Value => ({ name: 'length', number });

function mmap(at: number, bytes: number, flags: Extract<Value, { flags: unknown }>['flags']): Call {
  const args: Value[] = [
    address(0),
    length(bytes),
    { name: 'prot', flags: READ_WRITE },
    { name: 'flags', flags },
    { name: 'fd', fd: -1 },
    { name: 'offset', number: 0 },
  ];
  return { name: 'mmap', args, result: at };
}

/** Files have different lengths: without -y a file is known by the length of its first mapping. */
function mmapFile(at: number, pages: number): Call {
  const args: Value[] = [
    address(0),
    length(pages * PAGE),
    { name: 'prot', flags: [READ] },
    { name: 'flags', flags: [PRIVATE] },
    { name: 'fd', fd: 3, path: `/usr/lib/a, b (${pages}).so` },
    { name: 'offset', number: 0 },
  ];
  return { name: 'mmap', args, result: at };
}

/** The kinds of calls by what a step asks; `at` is a place of 16 pages that belongs to the step alone. */
const CALLS: readonly ((at: number, near: number, pages: number) => Call)[] = [
  (at, _, pages) => mmap(at, pages * PAGE, ANONYMOUS),
  (at, _, pages) => mmap(at, pages * PAGE, SHARED),
  (at, _, pages) => mmapFile(at, pages),
  (_, near, pages) => ({ name: 'munmap', args: [address(near), length(pages * PAGE)], result: 0 }),
  (_, near, pages) => ({
    name: 'mprotect',
    args: [address(near), length(pages * PAGE), { name: 'prot', flags: [READ] }],
    result: 0,
  }),
  (_, near, pages) => ({
    name: 'madvise',
    args: [address(near), length(pages * PAGE), { name: 'advice', flags: [['MADV_DONTNEED', 4]] }],
    result: 0,
  }),
  (at, near, pages) => ({
    name: 'mremap',
    args: [
      { name: 'old_address', number: near, hex: true },
      { name: 'old_size', number: PAGE },
      { name: 'new_size', number: pages * PAGE },
      { name: 'flags', flags: [['MREMAP_MAYMOVE', 1]] },
    ],
    result: at,
  }),
  (_, __, pages) => ({ name: 'brk', args: [address(HEAP + pages * PAGE)], result: HEAP + pages * PAGE }),
  () => ({ ...mmap(0, PAGE, ANONYMOUS), error: 'ENOMEM' }),
  () => ({ name: 'close', args: [{ name: 'fd', fd: 3, path: '/tmp/<x' }], result: 0 }),
];

const HEAP = 0x5555_0000_0000;

const step = fc.record({
  who: fc.nat({ max: 5 }),
  call: fc.nat({ max: CALLS.length + 2 }),
  near: fc.nat({ max: 9 }),
  pages: fc.integer({ min: 1, max: 9 }),
  /** How many steps of others come before the call returns; undefined for a whole line. */
  halves: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
});

export const session: fc.Arbitrary<readonly Happening[]> = fc
  .array(step, { minLength: 1, maxLength: 25 })
  .map((steps) => new Session().of(steps));

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

class Session {
  private readonly happenings: Happening[] = [];
  private readonly alive = [ROOT];
  private readonly open = new Map<number, { call: Call; left: number }>();
  private lastPid = ROOT;

  of(steps: readonly Step[]): readonly Happening[] {
    this.whole(ROOT, { name: 'brk', args: [address(0)], result: HEAP });
    this.whole(ROOT, mmap(BASE - 16 * PAGE, PAGE, ANONYMOUS));
    for (const [i, next] of steps.entries()) {
      this.step(i, next);
      this.returnSome();
    }
    for (const pid of [...this.open.keys()]) this.end(pid);
    return this.happenings;
  }

  private step(i: number, { who, call, near, pages, halves }: Step): void {
    const free = this.alive.filter((pid) => !this.open.has(pid));
    const pid = free[who % free.length];
    if (pid === undefined) return;
    const at = BASE + i * 16 * PAGE;
    const make = CALLS[call];
    if (make !== undefined) this.calls(pid, make(at, BASE + (near % (i + 1)) * 16 * PAGE, pages), halves);
    else if (call === CALLS.length) this.calls(pid, this.fork(pages % 2 === 0), halves);
    else if (call === CALLS.length + 1) this.happenings.push({ what: 'signal', pid });
    else if (pid !== ROOT && free.length > 1) this.exits(pid);
  }

  private fork(isThread: boolean): Call {
    const flags = isThread
      ? [['CLONE_VM', 0x100] as const, ['CLONE_THREAD', 0x1_0000] as const]
      : [['SIGCHLD', 17] as const];
    const stack: Value = { name: 'child_stack', number: 0, hex: true };
    return { name: 'clone', args: [{ name: 'flags', flags }, stack], result: ++this.lastPid };
  }

  private calls(pid: number, call: Call, halves: number | undefined): void {
    if (halves === undefined) this.whole(pid, call);
    else {
      this.happenings.push({ what: 'begin', pid, call });
      this.open.set(pid, { call, left: halves });
      if (isFork(call)) this.alive.push(call.result);
    }
  }

  private whole(pid: number, call: Call): void {
    this.happenings.push({ what: 'call', pid, call });
    if (isFork(call)) this.alive.push(call.result);
  }

  private exits(pid: number): void {
    const call = { name: 'exit', args: [length(0)], result: 0 };
    this.happenings.push({ what: 'call', pid, call }, { what: 'exit', pid });
    this.alive.splice(this.alive.indexOf(pid), 1);
  }

  private returnSome(): void {
    for (const [pid, call] of this.open) {
      if (call.left === 0) this.end(pid);
      else call.left--;
    }
  }

  private end(pid: number): void {
    this.happenings.push({ what: 'end', pid, call: this.open.get(pid)!.call });
    this.open.delete(pid);
  }
}
