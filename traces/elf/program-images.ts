/**
 * What execve maps, from the files of programs. A file of this machine need not be what ran: it counts where the trace
 * confirms it, by what is made read-only (RELRO: its length, its place before the heap), by the first instruction, or by
 * where bss was cleared; a file of a place that was named for it counts unless the trace speaks against it.
 */
import type { ExecEvidence, FoundImage, ImagePiece, ProgramImages } from '../import/program-image.ts';
import type { ElfFile } from './elf-file.ts';
import { clearedFrom, endOf, piecesOf } from './elf-image.ts';
import { type OpenProgram, type Program, ProgramFiles } from './program-files.ts';

export interface ElfImageOptions {
  /** Files count that no line confirms. */
  readonly areTrusted: boolean;
}

/** Addresses of what lies nobody knows where: above all that a call can name. */
const NOWHERE = { program: 2 ** 56, interpreter: 2 ** 56 + 2 ** 40, stackTop: 2 ** 56 + 2 ** 41 } as const;
/** The heap begins at random up to so far above the program: arch_randomize_brk() of arm64; less on others. */
const MOST_BRK_GAP_BYTES = 2 ** 30;
const PAGE_BYTES = 4096;

export function programImages(open: OpenProgram, { areTrusted }: ElfImageOptions): ProgramImages {
  const files = new ProgramFiles(open);
  return {
    imageOf: (path, evidence) => imageOf(files, path, evidence, areTrusted),
    warningOf: (reasons) => `${MISSING}: ${reasons}. ${REMEDY}`,
  };
}

const MISSING =
  'not all that execve mapped is known, so that its lines of maps, and page faults in it, are not in the trace';
const REMEDY =
  'Name the folder that has the files as they were with --sysroot, or import /proc/PID/maps of the run too';

function imageOf(
  files: ProgramFiles,
  path: string,
  evidence: ExecEvidence,
  areTrusted: boolean,
): FoundImage | string {
  const program = files.programOf(path);
  if (typeof program === 'string') return program;
  const place = placeOfProgram(program.elf, evidence);
  if (place === undefined) return `${program.path} is not the file that ran: ${AGAINST}`;
  const linker = program.elf.interpreter === undefined ? undefined : files.programOf(program.elf.interpreter);
  const linkerPlace =
    typeof linker === 'object' ? placeOfLinker(linker.elf, beside(program.elf, place, evidence)) : undefined;
  if (!areTrusted && !place.isSeen && linkerPlace?.isSeen !== true)
    return `nothing in the trace shows that ${program.path} is the file that ran; --sysroot / takes it for that`;
  const interpreter = linkerPlace === undefined ? undefined : (linker as Program);
  return {
    image: {
      program: piecesAt(program, place.base ?? NOWHERE.program),
      interpreter:
        interpreter === undefined ? [] : piecesAt(interpreter, linkerPlace!.base ?? NOWHERE.interpreter),
      special: [],
      stackTop: evidence.stackTop ?? NOWHERE.stackTop,
      place: program.elf.isFixed ? 'fixed' : program.elf.interpreter === undefined ? 'anywhere' : 'pie',
      hasExecutableStack: program.elf.hasExecutableStack,
    },
    files: [program, interpreter]
      .filter((file) => file !== undefined)
      .map(nameOf)
      .join(', '),
    lacks: lacksOf(linker, linkerPlace),
  };
}

const AGAINST = 'what the trace makes read-only, or where its heap begins, is none of it';

function lacksOf(linker: Program | string | undefined, place: Place | undefined): string[] {
  if (linker === undefined || place !== undefined) return [];
  const why = typeof linker === 'string' ? linker : `${linker.path} is not the file that ran: ${AGAINST}`;
  return [`the dynamic linker is missing: ${why}`];
}

function piecesAt({ path, elf }: Program, base: number): ImagePiece[] {
  return piecesOf(elf, path, base);
}

function nameOf({ path, elf: { buildId } }: Program): string {
  return buildId === undefined ? path : `${path} (build-id ${buildId})`;
}

interface Place {
  /** Undefined where no line tells. */
  readonly base: number | undefined;
  /** The trace confirms that it is this file. */
  readonly isSeen: boolean;
}

/** Undefined where the trace speaks against the file. */
function placeOfProgram(elf: ElfFile, evidence: ExecEvidence): Place | undefined {
  const { heapStart, programBase } = evidence;
  if (!fitsWord(elf, evidence)) return undefined;
  // of a position-independent program without a dynamic linker the heap lies elsewhere (load_elf_binary(), v6.1)
  const hasHeapBehind = heapStart !== undefined && (elf.isFixed || elf.interpreter !== undefined);
  const reaches = (base: number): boolean => {
    const gap = hasHeapBehind ? heapStart - (base + endOf(elf)) : 0;
    return gap >= 0 && gap <= MOST_BRK_GAP_BYTES;
  };
  const entry = elf.interpreter === undefined ? evidence.entry : undefined;
  const base = basesOf(elf, { ...evidence, entry }).find(
    (each) => (elf.isFixed ? each === 0 : true) && reaches(each),
  );
  if (base !== undefined) return { base, isSeen: true };
  if (isMissed(elf, evidence)) return undefined;
  const usual = elf.isFixed ? 0 : programBase;
  if (usual !== undefined && !reaches(usual)) return undefined;
  return { base: usual, isSeen: false };
}

/** By what the trace shows outside of the program. */
function placeOfLinker(elf: ElfFile, evidence: ExecEvidence): Place | undefined {
  const [base] = basesOf(elf, evidence);
  if (base !== undefined) return { base, isSeen: true };
  const { entry, madeReadOnly = [] } = evidence;
  const isMissed = entry !== undefined || (madeReadOnly.length > 0 && hasRelro(elf));
  return isMissed ? undefined : { base, isSeen: false };
}

/** What lies outside of the program. */
function beside(program: ElfFile, { base }: Place, evidence: ExecEvidence): ExecEvidence {
  const isOutside = (address: number): boolean =>
    base === undefined || address < base || address >= base + endOf(program);
  return {
    ...evidence,
    madeReadOnly: evidence.madeReadOnly?.filter(({ start }) => isOutside(start)) ?? [],
    cleared: evidence.cleared?.filter(isOutside) ?? [],
  };
}

/** Where the file may lie, by all that the trace shows. */
function basesOf(elf: ElfFile, { madeReadOnly = [], entry, cleared = [] }: ExecEvidence): number[] {
  const { relro } = elf;
  const bss = clearedFrom(elf);
  const bases = [
    ...(entry === undefined ? [] : [entry - elf.entry]),
    ...(bss === undefined ? [] : cleared.map((address) => address - bss)),
    ...madeReadOnly
      .filter(({ start, end }) => end - start === relro.end - relro.start && end > start)
      .map(({ start }) => start - relro.start),
  ];
  return bases.filter((base) => base >= 0 && base % PAGE_BYTES === 0);
}

/** Something is made read-only, but nothing of this program, of which something would be. */
function isMissed(elf: ElfFile, { madeReadOnly = [] }: ExecEvidence): boolean {
  return elf.interpreter !== undefined && hasRelro(elf) && madeReadOnly.length > 0;
}

function hasRelro({ relro }: ElfFile): boolean {
  return relro.end > relro.start;
}

/** Addresses of a 32-bit program have 32 bits. */
function fitsWord(
  { wordBytes }: ElfFile,
  { heapStart = 0, entry = 0, madeReadOnly = [] }: ExecEvidence,
): boolean {
  return wordBytes === 8 || Math.max(heapStart, entry, ...madeReadOnly.map(({ end }) => end)) <= 2 ** 32;
}
