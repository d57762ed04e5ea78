/** A capture of a program, as files: which of them is what, by their content. */
import type { BesideText } from '../../../traces/index.ts';
import { linesOfTree } from './tree.ts';
import { snapshotPids } from './truth.ts';

/** A file of a capture, unpacked. */
export type CaptureFile = BesideText;

export type FileRole = 'lackey' | 'segments' | 'faults' | 'heap' | 'strace' | 'snapshots' | 'maps';

/** A call of malloc or free, as ltrace, valgrind or mtrace has it. */
const HEAP =
  /^(?:(?:\[pid )?\d+\]? +)?(?:[\d:.]+ +)?(?:[\w.+-]+->)?(?:m|c|re)alloc(?:@[\w.]+)*\(|^--\d+-- (?:m|c|re)alloc\(|^@ .* [-+<>] 0x/m;

/** A line that only such a file has. */
const ROLES: readonly (readonly [FileRole, RegExp])[] = [
  ['snapshots', /^=== \S+ (?:mark|exit) pid \d+$/m],
  ['segments', /SHOW_SEGMENTS: Memory layout at client startup/],
  ['lackey', /^SYSCALL\[\d+,\d+\]\(/m],
  ['faults', /: (?:exceptions:)?page_fault_(?:user|kernel): address=/],
  ['maps', /^[0-9a-f]{8,16}-[0-9a-f]{8,16} [r-][w-][x-][ps] [0-9a-f]{8} \S+ \d+/],
  ['heap', HEAP],
  ['strace', /^(?:\d+ +|\[pid +\d+\] +)?(?:[\d:.]+ +)?(?:execve|brk|mmap2?|munmap)\(/m],
];

export interface ProgramCapture {
  readonly name: string;
  readonly files: Partial<Readonly<Record<FileRole, CaptureFile>>>;
  /** What of the files is no part of the program, for people. */
  readonly warnings?: readonly string[];
}

/** What is replayed, and what tells of it. */
export interface Recording {
  readonly format: 'lackey' | 'fault-trace';
  readonly trace: CaptureFile;
  readonly beside: readonly CaptureFile[];
}

/** The first file of each role counts; others are no part of a capture. */
export function captureOf(name: string, all: readonly CaptureFile[]): ProgramCapture {
  const files: Partial<Record<FileRole, CaptureFile>> = {};
  for (const file of all) {
    const role = ROLES.find(([, pattern]) => pattern.test(file.text))?.[0];
    if (role !== undefined) files[role] ??= file;
  }
  const { faults, snapshots } = files;
  if (faults === undefined || snapshots === undefined) return { name, files };
  const text = linesOfTree(faults.text, snapshotPids(snapshots.text));
  const warnings = text.length === faults.text.length ? [] : [`${faults.name}: ${OTHERS}`];
  return { name, files: { ...files, faults: { ...faults, text } }, warnings };
}

const OTHERS = 'lines of processes of which there is no snapshot are left out';

/**
 * References, with the segments that execve mapped; else the faults. Lackey does not follow a process into another
 * program, and valgrind has room for a heap of 8 MiB only, beyond which a program takes another way: then the faults tell
 * more, if they come with system calls.
 */
export function recordingOf({ files }: ProgramCapture): Recording | undefined {
  const { lackey, segments, faults, strace, snapshots, maps } = files;
  const known = (...all: readonly (CaptureFile | undefined)[]): CaptureFile[] =>
    all.filter((file) => file !== undefined);
  const isWhole =
    faults === undefined || !hasCalls(faults.text) || lackeyIsWhole(lackey?.text ?? '', faults.text);
  if (lackey !== undefined && segments !== undefined && isWhole)
    return { format: 'lackey', trace: lackey, beside: known(segments, strace) };
  if (faults === undefined) return undefined;
  return { format: 'fault-trace', trace: faults, beside: known(strace, snapshots, maps) };
}

/** Of 32-bit programs tracefs tells no system calls. */
function hasCalls(faults: string): boolean {
  return /: (?:syscalls:)?sys_(?:enter_)?(?:mmap|brk)\b/.test(faults);
}

function lackeyIsWhole(lackey: string, faults: string): boolean {
  const programs = [...faults.matchAll(/: sched_process_exec: /g)].length;
  return programs <= 1 && !hasRefusedHeap(lackey);
}

/** A brk that did not go where it was asked to. */
function hasRefusedHeap(lackey: string): boolean {
  const calls = lackey.matchAll(/ sys_brk \( (0x[0-9a-f]+) \) --> .*\((0x[0-9a-f]+)\)/g);
  return [...calls].some(([, asked, got]) => Number(asked) !== 0 && asked !== got);
}

/** What a capture lacks to be replayed, for people; undefined when it lacks nothing. */
export function missingIn({ files }: ProgramCapture): string | undefined {
  if (files.lackey !== undefined && files.segments === undefined && files.faults === undefined)
    return 'a lackey trace without what execve mapped: expected the output of valgrind -d -d beside it';
  return 'neither a lackey trace with system calls nor a trace of page faults';
}
