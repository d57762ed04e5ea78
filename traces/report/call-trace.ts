/** Call traces, and what their lines show of the processor: symbols as %pS prints them, and ARM's unwinder in its own form. */
import type { FailureReport } from './record.ts';

/** `warn_alloc+0x1a0/0x1c0`, of 2.6 also `__alloc_pages+458/864`. */
const SYMBOL = /\b([A-Za-z_][\w.]{1,80})\+(?:0x[0-9a-f]{1,6}\/0x[0-9a-f]{1,6}|\d{1,6}\/\d{1,6})/g;
/** `[<c0324df4>] (warn_alloc) from [<c0320340>] (...)`, since 5.11 `warn_alloc from __vmalloc_node_range+0x1b0/0x294`. */
const UNWOUND = /(?:^|\] )\s{0,4}\(?([A-Za-z_][\w.]{1,80})(?:\+0x[0-9a-f]{1,6}\/0x[0-9a-f]{1,6})?\)? from /;

/** The functions of a line, innermost first; none for another kind of line. */
export function functionsIn(text: string): string[] {
  if (!text.includes('+') && !text.includes(' from ')) return [];
  const symbols = [...text.matchAll(SYMBOL)].map(([, name]) => name!);
  const unwound = UNWOUND.exec(text)?.[1];
  return unwound === undefined || symbols[0] === unwound ? symbols : [unwound, ...symbols];
}

type Arch = NonNullable<FailureReport['arch']>;

const SIGNS: readonly (readonly [Arch, RegExp])[] = [
  ['arm', /\[<[0-9a-f]{8}>\] \(.{1,120}\) from |^\s{0,4}[\w.]{2,80} from [\w.]{2,80}\+0x|\(unwind_backtrace/],
  ['x86_64', /\[<ffffffff[0-9a-f]{8}>\]|\bRIP: 00|\bRAX: [0-9a-f]{16}/],
  ['i386', /\bEIP: 00|\bEAX: [0-9a-f]{8}\b|\[<[0-9a-f]{8}>\] (?:\? )?[A-Za-z_][\w.]{1,80}\+0x/],
  [
    'arm64',
    // Since 6.13 with where a frame was found: `(C)`, `(P)`, `(L)` (dump_backtrace_entry()).
    /\bel[01]t?_\d{0,2}_?(?:svc|sync|irq)|\+0x[0-9a-f]{1,6}\/0x[0-9a-f]{1,6} \([CFGKPLT]{1,3}\)$|^\s{0,4}dump_backtrace(?:\.part\.\d)?\+0x|\bpstate: [0-9a-f]{8}|\[<ffff[f0-9][0-9a-f]{11}>\] dump_backtrace/,
  ],
];

export function archOfLine(text: string): Arch | undefined {
  return SIGNS.find(([, sign]) => sign.test(text))?.[0];
}
