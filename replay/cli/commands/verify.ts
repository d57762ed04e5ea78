/**
 * `vmsplit verify`: does the simulated allocator do what a real kernel did (kernel), do processes (process), and does a
 * machine short of memory (pressure)?
 */

import { basename } from 'node:path';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../../../core/index.ts';
import { PROGRAMS, RULES, verificationText, verifyKernelTrace } from '../../index.ts';
import { MACHINE_OPTIONS, reproduceLine } from '../../spec/index.ts';
import { hanging } from '../../text/wrap.ts';
import { openImport } from '../files/capture-input.ts';
import { momentsInCapture, readMoments } from '../files/snapshot-files.ts';
import { readText } from '../files/text-input.ts';
import { breathe } from '../files/trace-output.ts';
import { addLaneOption, addMachineOptions } from '../options/machine-options.ts';
import { ANY_COUNT, wholeNumber } from '../options/values.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { verifyPressureCaptures } from './verify-pressure.ts';
import { USUAL_MACHINE, type VerifyProcessArguments, verifyProcess } from './verify-process.ts';

interface VerifyArguments extends VerifyProcessArguments {
  readonly snapshot?: string;
  readonly script?: string;
}

const RULE_LINES = Object.entries(RULES).map(([name, meaning]) => `  ${name.padEnd(14)}  ${meaning}`);

const HELP = `
kernel: the trace has the kmem events: trace-cmd report, perf script, or tracefs with
  echo 1 > /sys/kernel/tracing/events/kmem/enable; cat /sys/kernel/tracing/trace_pipe
or what vmsplit capture saved, which has all of this. The snapshot says what the machine had: files named buddyinfo,
pagetypeinfo and zoneinfo, with .before and .after, or in folders before, start and after, or one text (snaps.txt) with
'=== LABEL' and '--- zoneinfo' headings. What changed between two of them is compared when the trace has markers
(trace_marker) of when they were read: 'snapshot before: begin' and 'snapshot before: end', or 'snap-begin LABEL' and
'snap-end LABEL'. Exit code 0: every rule is at --at-least or above; 1: one is not.
How many predictions of a rule may be wrong is rounded up where there are 5 or more.

Rules:
${RULE_LINES.join('\n')}

process: a folder with the capture of a program, a folder of such folders, or the files of one, told by their content:
references (valgrind --tool=lackey --trace-mem=yes --trace-syscalls=yes -d -d, whole or as a filter that keeps the first of
each page and operation between two calls) with the memory layout that -d -d writes, and a strace of the same program; or a
trace of page faults (tracefs: exceptions:*, syscalls:* of mmap, munmap, brk and the others). What the kernel really did:
the page faults, and snapshots at marks (SIGUSR2) and ends ('=== 000 exit pid N', '--- maps', '--- status'), of the same
folder or that of --truth. Compared are lines of maps, faults, VmRSS and VmPTE; exit code 0: each program's are at
--at-least or above. The machine is, unless options say otherwise, ${USUAL_MACHINE}.

pressure: a folder with the capture of a machine short of memory, or a folder of such folders, told by their content: dumps
at marks ('### MARK half', '### FILE /proc/vmstat', '### PAGEMAP pid 80 anon ...'), a trace (tracefs: vmscan, oom), a boot
log. The machine begins as the dumps show it (zones, marks, free blocks, swap area, swappiness); what the program touched
in which order says the script of its name (scn= on the kernel command line: ${Object.keys(PROGRAMS).join(', ')}) or that of --script.
Compared at each mark: pages out and in, runs of kswapd, direct reclaims, which pages are present, who went in which order;
and who was killed. Exit code 0: each figure is at its own bar (98 to 100 %, runs 85 %) or that of --at-least.
A script has a statement a line: begin MARK, default NAME VALUE, process NAME [ADJ], exit, anon NAME PAGES, file NAME PAGES,
mapfile NAME FILE PAGES, write|read NAME FIRST COUNT, pread FILE FIRST COUNT, kmalloc BYTES COUNT, slab CACHE BYTES COUNT,
mark NAME; repeat COUNT [as NAME], each LIST as NAMES, if EXPRESSION, forever (until killed), each up to 'end'. Numbers are
expressions of numbers, notes of the dumps ('N 29952') and MemTotal, MemFree in pages; {i} in a name is a value.`;

export function verifyCommand(terminal: Terminal): Command {
  const command = new Command('verify')
    .description(
      "check the simulated page allocator against a real kernel's own trace, processes and reclaim against real ones",
    )
    .addArgument(new Argument('<what>', 'what is checked').choices(['kernel', 'process', 'pressure']))
    .argument(
      '<paths...>',
      'kernel: the trace, gzipped or not, or what vmsplit capture saved (tar or folder); - is standard input. process: folders or files of captures. pressure: folders',
    )
    .option('--snapshot <path>', 'directory or file with the snapshot (default: what lies beside the trace)')
    .option(
      '--truth <folder>',
      'process: what a kernel did under this layout (default: the folder of the recording)',
    )
    .option(
      '--script <file>',
      'pressure: what was touched in which order (default: by the name of the program)',
    )
    .option(
      '--at-least <percent>',
      'predictions of each rule, or each figure of a program, that must be right (default: kernel 95, process 90, pressure by figure)',
      parsePercent,
    )
    .option('--first <k>', 'how many disagreements of each kind to explain', wholeNumber(0, ANY_COUNT), 3)
    .option('--json', 'the result as JSON')
    .addHelpText('after', HELP)
    .action((what: string, paths: string[], given: VerifyArguments) => verify(terminal, what, paths, given));
  addLaneOption(
    command,
    'process: linux-x86_64, or linux-3g1g where addresses have 32 bits; mappings upwards where they are',
  );
  return addMachineOptions(command);
}

async function verify(
  terminal: Terminal,
  what: string,
  paths: readonly string[],
  given: VerifyArguments,
): Promise<void> {
  if (what === 'process') {
    if (given.snapshot !== undefined)
      throw new UsageError('--snapshot is of verify kernel; expected --truth');
    if (given.script !== undefined) throw new UsageError('--script is of verify pressure');
    return verifyProcess(terminal, paths, given);
  }
  const others = ['truth', 'layouts', ...MACHINE_OPTIONS.map(({ key }) => key)] as const;
  const unfit = others.find((key) => given[key as keyof VerifyArguments] !== undefined);
  if (unfit !== undefined) throw new UsageError(`verify ${what}: found ${unfit}, which is of verify process`);
  if (what === 'pressure') {
    if (given.snapshot !== undefined) throw new UsageError('--snapshot is of verify kernel');
    return verifyPressureCaptures(terminal, paths, given);
  }
  if (given.script !== undefined) throw new UsageError('--script is of verify pressure');
  if (paths.length > 1) throw new UsageError(`verify kernel: found ${paths.length} traces, expected one`);
  await verifyKernel(terminal, paths[0]!, given);
}

async function verifyKernel(terminal: Terminal, trace: string, given: VerifyArguments): Promise<void> {
  const { snapshot, atLeast = 95, first, json } = given;
  const { name, byteLength, blocks, capture } = await openImport(terminal, trace, 'a kernel trace');
  const moments =
    capture !== undefined && snapshot === undefined
      ? await momentsInCapture(capture)
      : await readMoments(snapshot, trace, (path, expected) => readText(terminal, path, expected));
  for (const warning of capture?.warnings ?? [])
    terminal.note(hanging('warning: ', warning, 2, terminal.width));
  const progress = terminal.progress(`verifying ${basename(name)}`, 'bytes', byteLength);
  const counted = countBytes(blocks, (bytes) => progress.update(bytes));
  const options = { atLeastPercent: atLeast, first, onBlock: () => breathe(terminal) };
  const result = await verifyKernelTrace({ name, blocks: counted }, moments, options).finally(() =>
    progress.stop(),
  );
  const args = ['kernel', trace, ...(snapshot === undefined ? [] : ['--snapshot', snapshot])];
  const reproduce = reproduceLine('verify', [...args, '--at-least', String(atLeast)]);
  if (json) terminal.printJson({ ...result, reproduce });
  else {
    const { width, colors } = terminal;
    terminal.print(verificationText(result, { colors: colors.isColorSupported, width }).trimEnd());
    terminal.print(`reproduce: ${reproduce}`);
  }
  if (!result.agrees) terminal.exitCode = 1;
}

async function* countBytes(
  blocks: AsyncIterable<Uint8Array>,
  onBytes: (done: number) => void,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const block of blocks) {
    yield block;
    done += block.length;
    onBytes(done);
  }
}

function parsePercent(text: string): number {
  const percent = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (percent >= 0 && percent <= 100) return percent;
  throw new InvalidArgumentError('Expected a number from 0 to 100.');
}
