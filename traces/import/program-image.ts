/**
 * What execve mapped of a program and its dynamic linker, before the first system call. No line of a trace of system
 * calls tells; these do:
 *
 *   `--12674:1: aspacem   1: file 0000108000-0000109fff    8192 r---- d=0xfe00 i=260958  o=0       (1,49)`
 *       valgrind -d -d, the block "Memory layout at client startup", with names as `(1,49,7) /usr/bin/true`
 *   `555555554000-555555556000 r--p 00000000 fe:00 260958                     /usr/bin/true`
 *       /proc/PID/maps of any moment, if the calls between are known
 *   the ELF headers of the program and its dynamic linker, where these are at hand (ProgramImages, which traces/elf makes)
 */
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';

/** [start, end) in bytes, of a file from `offset` on, or of no file (bss). */
export interface ImagePiece {
  readonly start: number;
  readonly end: number;
  readonly prot: number;
  readonly file: string | undefined;
  readonly offset: number;
  /** Execve clears what of its last page is bss; absent where nobody knows: then of every writable part of a file. */
  readonly hasBss?: boolean;
}

/** At the addresses of its file, where position-independent programs go, or, of those without a dynamic linker, anywhere. */
export type ProgramPlace = 'fixed' | 'pie' | 'anywhere';

export interface ProgramImage {
  /** Ascending; empty where nothing is known. */
  readonly program: readonly ImagePiece[];
  readonly interpreter: readonly ImagePiece[];
  /** The kernel's own pages for user mode, where they are known to lie. */
  readonly special: readonly ImagePiece[];
  /** First byte above the stack. */
  readonly stackTop: number | undefined;
  /** Where the kernel puts the program; absent where only its addresses tell. */
  readonly place?: ProgramPlace;
  /** The program asks for a stack that may be executed (PT_GNU_STACK). */
  readonly hasExecutableStack?: boolean;
  /** How much lower the trace has the stack pointer in its page than the run that is told of; 0 when absent. */
  readonly stackShift?: number | undefined;
  /** Where execve is known to have taken a page fault when it cleared bss, as the trace has the addresses. */
  readonly cleared?: readonly number[];
}

/** What a trace shows of a program that execve starts, by which a file is known to be it, and where it lies. */
export interface ExecEvidence {
  /** What the first brk(NULL) returns: at the end of the program, or up to 1 GiB above it. */
  readonly heapStart?: number | undefined;
  /** What is made read-only of that which the program has not mapped itself: RELRO of it and of its dynamic linker. */
  readonly madeReadOnly?: readonly { readonly start: number; readonly end: number }[];
  /** Of the first instruction. */
  readonly entry?: number | undefined;
  /** Where execve took page faults when it cleared bss. */
  readonly cleared?: readonly number[];
  /** First byte above the stack. */
  readonly stackTop?: number | undefined;
  /** Where position-independent programs lie, where that is always the same. */
  readonly programBase?: number | undefined;
}

export interface FoundImage {
  readonly image: ProgramImage;
  /** Which files it is of, for people. */
  readonly files: string;
  /** What of it is not known, for people. */
  readonly lacks: readonly string[];
}

/** What execve maps of a program, from its file. */
export interface ProgramImages {
  /** @returns why there is none, for people, as a text */
  imageOf(path: string, evidence: ExecEvidence): FoundImage | string;
  /** A warning for people. @param reasons what `imageOf` has told, or found missing */
  warningOf(reasons: string): string;
}

const NAME = /aspacem \((\d+),\d+,\d+\) (.+)$/;
const SEGMENT =
  /aspacem +\d+: (file|anon|FILE|ANON) ([0-9a-f]+)-([0-9a-f]+) +\S+ ([r-])([w-])([x-])\S*(?: +d=\S+ i=\S+ +o=(\d+) +\((\d+),\d+\))?/;

/** Of the first layout in the text; undefined when there is none. */
export function imageOfSegments(text: string): ProgramImage | undefined {
  const begin = text.indexOf('SHOW_SEGMENTS: Memory layout at client startup');
  if (begin < 0) return undefined;
  const end = text.indexOf('>>>', begin);
  const names = new Map<string, string>();
  const pieces: ImagePiece[] = [];
  for (const line of text.slice(begin, end < 0 ? undefined : end).split('\n')) {
    const [, id, name] = NAME.exec(line) ?? [];
    if (id !== undefined) names.set(id, name!);
    const piece = segmentOf(line, names);
    if (piece !== undefined) pieces.push(piece);
  }
  return imageOf(pieces);
}

/** Segments of the client, whose kinds are in small letters; valgrind's own are in capitals. */
function segmentOf(line: string, names: ReadonlyMap<string, string>): ImagePiece | undefined {
  const found = SEGMENT.exec(line);
  if (found === null || found[1] !== found[1]!.toLowerCase()) return undefined;
  const [, , start, last, read, write, execute, offset, id] = found;
  const file = id === undefined ? undefined : names.get(id);
  // a page of valgrind's that the client may read lies in its text, and its place for brk is not yet anybody's
  if (file?.includes('/valgrind/') || (file === undefined && execute === 'x')) return undefined;
  const prot = protOf(read!, write!, execute!);
  return {
    start: Number.parseInt(start!, 16),
    end: Number.parseInt(last!, 16) + 1,
    prot,
    file,
    offset: Number(offset ?? 0),
  };
}

/** Pieces of two files with their bss, and the stack above all. */
function imageOf(pieces: readonly ImagePiece[]): ProgramImage | undefined {
  const [first] = pieces;
  if (first?.file === undefined) return undefined;
  const second = pieces.find(({ file }) => file !== undefined && file !== first.file)?.file;
  const stack = pieces.filter(({ file }) => file === undefined).at(-1);
  const ofFile = (name: string | undefined): ImagePiece[] =>
    pieces.filter((piece, i) => isOf(piece, name) || (isBss(pieces, i) && isOf(pieces[i - 1]!, name)));
  return { program: ofFile(first.file), interpreter: ofFile(second), special: [], stackTop: stack?.end };
}

function isOf({ file }: ImagePiece, name: string | undefined): boolean {
  return name !== undefined && file === name;
}

/** Writable memory of no file right behind writable memory of one. */
function isBss(pieces: readonly ImagePiece[], at: number): boolean {
  const [before, piece] = [pieces[at - 1], pieces[at]!];
  if (before?.file === undefined || piece.file !== undefined || before.end !== piece.start) return false;
  return (piece.prot & before.prot & PROT_WRITE) !== 0;
}

export interface MapsPiece extends ImagePiece {
  /** `[heap]`, a path, or nothing. */
  readonly name: string;
}

const MAPS = /^([0-9a-f]+)-([0-9a-f]+) ([r-])([w-])([x-])[ps] ([0-9a-f]+) \S+ \d+ *(.*)$/gm;

export function piecesOfMaps(maps: string): MapsPiece[] {
  return [...maps.matchAll(MAPS)].map(([, start, end, read, write, execute, offset, name]) => ({
    start: Number.parseInt(start!, 16),
    end: Number.parseInt(end!, 16),
    prot: protOf(read!, write!, execute!),
    file: name!.startsWith('/') ? name : undefined,
    offset: Number.parseInt(offset!, 16),
    name: name!,
  }));
}

/**
 * The same from a maps file of a later moment: the program is the file that execve was told of, else the first that is no
 * dynamic linker. What mprotect has taken the right to write from since (RELRO) gets it back.
 * @param heapStart the end of the program, as the first brk(0) tells it
 * @param path of the program, as execve was told it
 */
export function imageOfMaps(
  pieces: readonly MapsPiece[],
  heapStart: number | undefined,
  path: string | undefined,
): ProgramImage | undefined {
  const files = pieces.flatMap(({ file }) => (file === undefined ? [] : [file]));
  const program = files.find((file) => file === path) ?? files.find((file) => !LINKER.test(file));
  if (program === undefined) return undefined;
  const interpreter = files.find((file) => file !== program && LINKER.test(file));
  const ofFile = (name: string | undefined): ImagePiece[] =>
    name === undefined
      ? []
      : withBss(writableAgain(pieces.filter(({ file }) => file === name)), pieces, heapStart);
  return {
    program: ofFile(program),
    interpreter: ofFile(interpreter),
    special: pieces.filter(({ name }) => SPECIAL.has(name)),
    stackTop: pieces.find(({ name }) => name === '[stack]')?.end,
  };
}

const LINKER = /\/ld(?:-|\.so|64)[^/]*$/;
const SPECIAL: ReadonlySet<string> = new Set(['[vvar]', '[vvar_vclock]', '[vdso]']);

/**
 * Before the writable piece lies the read-only data, and then what is read-only since the program was linked: two pieces
 * behind the text, or, of programs that begin with their text, one.
 */
function writableAgain(pieces: readonly ImagePiece[]): ImagePiece[] {
  const data = pieces.findIndex(({ prot }) => (prot & PROT_WRITE) !== 0);
  const text = pieces.findLastIndex(({ prot }) => (prot & PROT_EXEC) !== 0);
  const between = data - text - 1;
  const beginsWithText = ((pieces[0]?.prot ?? 0) & PROT_EXEC) !== 0;
  const last = pieces[data - 1];
  const hasRelro =
    data > 0 && (between >= 2 || (between === 1 && beginsWithText)) && last!.end === pieces[data]!.start;
  if (!hasRelro) return [...pieces];
  const whole = { ...pieces[data]!, start: last!.start, offset: last!.offset };
  return [...pieces.slice(0, data - 1), whole, ...pieces.slice(data + 1)];
}

/** With the memory of no file behind it, of which a part may be the heap already. */
function withBss(
  own: readonly ImagePiece[],
  pieces: readonly MapsPiece[],
  heapStart = Number.POSITIVE_INFINITY,
): ImagePiece[] {
  const last = own.at(-1);
  const bss = pieces.find(({ start, file, prot }) => start === last?.end && file === undefined && prot !== 0);
  const isBss = bss !== undefined && (last!.prot & bss.prot & PROT_WRITE) !== 0 && bss.start < heapStart;
  if (!isBss || bss.name === '[stack]') return [...own];
  return [...own, { ...bss, end: Math.min(bss.end, heapStart), offset: 0 }];
}

function protOf(read: string, write: string, execute: string): number {
  return (
    (read === 'r' ? PROT_READ : 0) | (write === 'w' ? PROT_WRITE : 0) | (execute === 'x' ? PROT_EXEC : 0)
  );
}
