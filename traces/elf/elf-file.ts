/**
 * What execve reads of an ELF file: its header, program headers, and the name of its dynamic linker, of both word sizes and
 * byte orders (gABI chapters 4 and 5; load_elf_phdrs() and load_elf_binary() of fs/binfmt_elf.c, v6.1). Nothing of it is
 * believed before it is looked at: what the kernel refuses, or no user space has room for, is told, not mapped.
 */
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import { Fault } from '../base/errors.ts';
import { buildIdIn } from './build-id.ts';
import { ElfFields, type ReadBytes } from './elf-fields.ts';

/** A PT_LOAD: addresses as in the file, sizes in bytes. */
export interface ElfSegment {
  readonly address: number;
  readonly memoryBytes: number;
  readonly fileBytes: number;
  readonly offset: number;
  readonly prot: number;
}

export interface ElfFile {
  readonly wordBytes: 4 | 8;
  /** ET_EXEC; others lie where the kernel puts them. */
  readonly isFixed: boolean;
  readonly entry: number;
  /** Ascending, one at least. */
  readonly segments: readonly ElfSegment[];
  /** Path of the dynamic linker; undefined for one that is linked statically, and for the linker itself. */
  readonly interpreter: string | undefined;
  /** What the dynamic linker makes read-only when all is relocated, in whole pages; empty where start is end. */
  readonly relro: { readonly start: number; readonly end: number };
  /** PT_GNU_STACK asks for it. */
  readonly hasExecutableStack: boolean;
  /** As hexadecimal digits. */
  readonly buildId: string | undefined;
}

const PAGE_BYTES = 4096;
const [ET_EXEC, ET_DYN] = [2, 3];
const PT = { load: 1, interp: 3, note: 4, stack: 0x6474_e551, relro: 0x6474_e552 } as const;
const [PF_X, PF_W, PF_R] = [1, 2, 4];
/** load_elf_phdrs(): no more than this of program headers. */
const MOST_HEADER_BYTES = 0x1_0000;
const PATH_MAX = 4096;
/** A program that is larger than an object of a trace may be. */
const MOST_PROGRAM_BYTES = 2 ** 31;
const MOST_NOTE_BYTES = 0x1_0000;

interface ProgramHeader extends ElfSegment {
  readonly type: number;
  readonly flags: number;
}

/** Throws a Fault that says what is wrong. */
export function readElf(read: ReadBytes): ElfFile {
  const fields = ElfFields.of(read);
  const type = fields.half(16);
  if (type !== ET_EXEC && type !== ET_DYN)
    throw new Fault(`ELF type ${type}`, 'a program or shared object (ET_EXEC or ET_DYN)');
  const headers = programHeaders(fields, read);
  const relro = headers.find((header) => header.type === PT.relro);
  const stack = headers.find((header) => header.type === PT.stack);
  return {
    wordBytes: fields.wordBytes,
    isFixed: type === ET_EXEC,
    entry: fields.word(24),
    segments: segmentsOf(headers),
    interpreter: interpreterOf(headers, read),
    relro: relroOf(relro),
    hasExecutableStack: stack !== undefined && (stack.flags & PF_X) !== 0,
    buildId: buildIdIn(notesOf(headers, read), fields.isBigEndian),
  };
}

function programHeaders(fields: ElfFields, read: ReadBytes): ProgramHeader[] {
  const isWide = fields.wordBytes === 8;
  const [at, size, count] = [
    fields.word(isWide ? 32 : 28),
    fields.half(isWide ? 54 : 42),
    fields.half(isWide ? 56 : 44),
  ];
  const expected = isWide ? 56 : 32;
  if (size !== expected || count === 0 || size * count > MOST_HEADER_BYTES)
    throw new Fault(`${count} program headers of ${size} bytes`, `some of ${expected} bytes, 64 KiB at most`);
  const table = fields.over(exactly(read, at, size * count, 'program headers'));
  return Array.from({ length: count }, (_, i) => headerAt(table, i * size));
}

function headerAt(table: ElfFields, at: number): ProgramHeader {
  const isWide = table.wordBytes === 8;
  const flags = table.int(at + (isWide ? 4 : 24));
  const word = (i: number): number => table.word(at + (isWide ? 8 : 4) + i * table.wordBytes);
  // the third is the physical address, which means nothing here
  const [offset, address, fileBytes, memoryBytes] = [word(0), word(1), word(3), word(4)];
  return { type: table.int(at), flags, offset, address, fileBytes, memoryBytes, prot: protOf(flags) };
}

/** make_prot(). */
function protOf(flags: number): number {
  return (
    ((flags & PF_R) === 0 ? 0 : PROT_READ) |
    ((flags & PF_W) === 0 ? 0 : PROT_WRITE) |
    ((flags & PF_X) === 0 ? 0 : PROT_EXEC)
  );
}

/** What is mapped, which no two headers may want at the same place. */
function segmentsOf(headers: readonly ProgramHeader[]): ElfSegment[] {
  const segments = headers.filter(({ type, memoryBytes }) => type === PT.load && memoryBytes > 0);
  const [first] = segments;
  if (first === undefined) throw new Fault('no segment to load (PT_LOAD)', 'one at least');
  let end = 0;
  for (const segment of segments) {
    const { address, fileBytes, memoryBytes, offset } = segment;
    const isSound = fileBytes <= memoryBytes && offset % PAGE_BYTES === address % PAGE_BYTES;
    const isInPlace = address >= end && address + memoryBytes - first.address <= MOST_PROGRAM_BYTES;
    if (!isSound || !isInPlace) throw new Fault(wordsOf(segment), A_SEGMENT);
    end = address + memoryBytes;
  }
  return segments;
}

function wordsOf({ address, fileBytes, memoryBytes, offset }: ElfSegment): string {
  return `a segment at ${address}, of ${fileBytes} bytes from ${offset} on in ${memoryBytes} of memory`;
}

const A_SEGMENT =
  'segments one after the other, in 2 GiB, each with no more of the file than memory, at the same place in a page in both';

/** _dl_protect_relro() of elf/dl-reloc.c, glibc 2.36: a page that other data begin in stays writable. */
function relroOf(header: ProgramHeader | undefined): ElfFile['relro'] {
  if (header === undefined) return { start: 0, end: 0 };
  const down = (address: number): number => address - (address % PAGE_BYTES);
  const [start, end] = [down(header.address), down(header.address + header.memoryBytes)];
  return { start, end: Math.max(start, end) };
}

function interpreterOf(headers: readonly ProgramHeader[], read: ReadBytes): string | undefined {
  const header = headers.find(({ type }) => type === PT.interp);
  if (header === undefined) return undefined;
  const { offset, fileBytes } = header;
  if (fileBytes < 2 || fileBytes > PATH_MAX)
    throw new Fault(`a name of the dynamic linker of ${fileBytes} bytes`, '2 to 4096');
  const name = exactly(read, offset, fileBytes, 'name of the dynamic linker');
  if (name.at(-1) !== 0) throw new Fault('a name of the dynamic linker without an end', 'a NUL behind it');
  return String.fromCharCode(...name.subarray(0, name.indexOf(0)));
}

function* notesOf(headers: readonly ProgramHeader[], read: ReadBytes): Generator<Uint8Array> {
  for (const { type, offset, fileBytes } of headers)
    if (type === PT.note && fileBytes <= MOST_NOTE_BYTES) yield read(offset, fileBytes);
}

function exactly(read: ReadBytes, at: number, bytes: number, what: string): Uint8Array {
  const found = read(at, bytes);
  if (found.length < bytes) throw new Fault(`${what} at byte ${at} cut off`, `${bytes} bytes of them`);
  return found;
}
