/**
 * The texts that kernel traces come as: `trace` and `trace_pipe` of tracefs, perf script, trace-cmd report. One reader
 * reads all three, whatever their options (head.ts); the name of a dialect says which tool it most likely was.
 */

export interface Dialect {
  readonly name: 'ftrace' | 'perf-script' | 'trace-cmd';
  /** A line for people. */
  readonly describe: string;
  /** A whole line of it, for people. */
  readonly example: string;
}

export const DIALECTS: readonly Dialect[] = [
  {
    name: 'ftrace',
    describe:
      "tracefs' trace or trace_pipe with events of kmem and vmalloc: pages and slab objects of a kernel",
    example:
      '            bash-24475   [000] .....  1264.666734: mm_page_free: page=00000000e50330ae pfn=0x23d424 order=0',
  },
  {
    name: 'perf-script',
    describe: "perf script after perf record -e 'kmem:*': the same",
    example:
      '            conf 17336 [000]  1070.976255: kmem:mm_page_free: page=0x1afe8c pfn=0x1afe8c order=0',
  },
  {
    name: 'trace-cmd',
    describe: 'trace-cmd report: the same',
    example: '            bash-21129 [000]  1156.798189: mm_page_free: page=0x20a0e3 pfn=0x20a0e3 order=0',
  },
];
