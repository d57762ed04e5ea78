/**
 * What execve maps of an ELF file: the pages of each segment, and memory of no file behind what the file has of it
 * (elf_map(), set_brk() and padzero() of fs/binfmt_elf.c, v6.1; elf_load(), since 6.10). Pages have 4 KiB, as wherever a
 * trace of system calls is of.
 *
 * Simplified: no alignment of a position-independent program beyond a page (p_align, since 5.10), and of a program for
 * the i386 that has no PT_GNU_STACK only the stack would have to be readable, not all executable (READ_IMPLIES_EXEC).
 */
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import type { ImagePiece } from '../import/program-image.ts';
import type { ElfFile, ElfSegment } from './elf-file.ts';

const PAGE_BYTES = 4096;

/** @param base what is added to all addresses of the file, 0 for one of a fixed address */
export function piecesOf({ segments }: ElfFile, file: string, base: number): ImagePiece[] {
  return segments.flatMap((segment, i) => {
    const above = segments[i + 1];
    const room = above === undefined ? Number.POSITIVE_INFINITY : base + pageDown(above.address);
    return segmentPieces(segment, file, base, room);
  });
}

/** @param room where the next segment begins, which is mapped over what would reach beyond */
function segmentPieces(segment: ElfSegment, file: string, base: number, room: number): ImagePiece[] {
  const { address, fileBytes, memoryBytes, offset, prot } = segment;
  const start = base + pageDown(address);
  const fileEnd = fileBytes === 0 ? start : base + pageUp(address + fileBytes);
  const end = base + pageUp(address + memoryBytes);
  const hasBss =
    memoryBytes > fileBytes && (prot & PROT_WRITE) !== 0 && (address + fileBytes) % PAGE_BYTES !== 0;
  const pieces: ImagePiece[] = [
    { start, end: Math.min(fileEnd, room), prot, file, offset: offset - (address % PAGE_BYTES), hasBss },
    { start: fileEnd, end: Math.min(end, room), prot: bssProt(prot), file: undefined, offset: 0 },
  ];
  return pieces.filter((piece) => piece.end > piece.start);
}

/** vm_brk_flags(): data, whatever the segment is otherwise. */
function bssProt(prot: number): number {
  return PROT_READ | PROT_WRITE | (prot & PROT_EXEC);
}

/** Where the program ends, from which brk goes on, for a base of 0. */
export function endOf({ segments }: ElfFile): number {
  const { address, memoryBytes } = segments.at(-1)!;
  return pageUp(address + memoryBytes);
}

/** Where execve begins to clear bss, for a base of 0; undefined where there is none in a page of the file. */
export function clearedFrom({ segments }: ElfFile): number | undefined {
  const segment = segments.findLast(({ fileBytes, memoryBytes }) => memoryBytes > fileBytes);
  return segment && segment.address + segment.fileBytes;
}

export function pageDown(bytes: number): number {
  return bytes - (bytes % PAGE_BYTES);
}

function pageUp(bytes: number): number {
  return pageDown(bytes + PAGE_BYTES - 1);
}
