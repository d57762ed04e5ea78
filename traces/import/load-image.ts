/**
 * What execve maps, as the events that lay it out as the kernel does (load_elf_binary of fs/binfmt_elf.c, v6.1):
 *
 *   stack              the page with the arguments is there; the rest comes when it is touched
 *   program            a mapping of all of it, then each segment over that (elf_map); bss is memory of no file
 *   dynamic linker     the same, anywhere
 *   vvar, vdso         one place for all of them (map_vdso of arch/x86/entry/vdso/vma.c)
 *
 * The last page of a writable segment is there from the start: execve clears what of it is bss (padzero), by a page fault
 * where the trace tells of one. The dynamic linker reads the headers of the vdso (setup_vdso of glibc), also where valgrind
 * hides that from it.
 */
import { KERNEL_MODE, READ, WRITE } from '../../core/event/access-mode.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import {
  MADV_POPULATE_WRITE,
  PLACE_MMAP,
  PLACE_PIE,
  PLACE_STACK,
  PLACE_TEXT,
  PLACE_VDSO,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '../../core/event/mmap-flags.ts';
import type { AddressSpace } from './address-space.ts';
import type { EventStream } from './event-stream.ts';
import type { ImagePiece, ProgramImage, ProgramPlace } from './program-image.ts';
import type { MappingCalls } from './strace-mappings.ts';
import { PAGE_BYTES } from './strace-objects.ts';
import { VALGRIND_PIE } from './valgrind-places.ts';

const { access, madvise, mmap, mremap_fixed, munmap } = EVENT_KINDS;

const RULES = {
  image: 'program, dynamic linker, stack and vdso that execve maps',
  pages: 'pages that execve fills in itself',
  vdso: 'headers of the vdso that the dynamic linker reads',
} as const;

/** Usual RLIMIT_STACK (_STK_LIM, include/uapi/linux/resource.h). */
const STACK_BYTES = 8 << 20;
/** Programs of a fixed address begin below this on x86 (0x400000, 0x8048000), and position-independent ones above. */
const FIXED_BELOW = 0x1000_0000;

/** The vdso and what it reads, as x86 has them since 6.13; before, there was no vvar_vclock (arch/x86/entry/vdso/vma.c). */
const VVAR_PAGES = 4;
const VCLOCK_PAGES = 2;
const VDSO_PAGES = 2;
const VDSO = '[vdso]';

export function loadImage(
  events: EventStream,
  calls: MappingCalls,
  space: AddressSpace,
  image: ProgramImage,
): void {
  new ImageLoader(events, calls, space).load(image);
}

class ImageLoader {
  private readonly events: EventStream;
  private readonly calls: MappingCalls;
  private readonly space: AddressSpace;
  private cleared: readonly number[] = [];

  constructor(events: EventStream, calls: MappingCalls, space: AddressSpace) {
    this.events = events;
    this.calls = calls;
    this.space = space;
  }

  load(image: ProgramImage): void {
    const { program, interpreter, special, stackTop, stackShift = 0, cleared = [] } = image;
    this.cleared = cleared;
    if (stackTop !== undefined) this.stack(stackTop, stackShift, image.hasExecutableStack ? PROT_EXEC : 0);
    if (program.length > 0) this.region(program, PLACES[image.place ?? placeOf(program[0]!.start)]);
    if (interpreter.length > 0) this.region(interpreter, 0);
    if (special.length > 0) this.region(special.map(ofKernel), PLACE_VDSO);
    else this.hiddenVdso();
  }

  /** What would lie above the top once it is shifted is there without a reference. */
  private stack(top: number, shift: number, exec: number): void {
    const prot = PROT_READ | PROT_WRITE | exec;
    const start = top - STACK_BYTES;
    const piece = { start, end: top, prot, file: undefined, offset: 0 };
    const object = this.map(piece, STACK_BYTES, prot | PLACE_STACK);
    const range = { start: start + Math.max(0, -shift), end: top - Math.max(0, shift) };
    const mapping = { flags: prot, file: undefined, fileNumber: 0 };
    this.calls.objects.place(this.space, object, mapping, range, { base: start - shift });
    this.populate(object, STACK_BYTES - PAGE_BYTES);
  }

  /** All are mapped where the first is, as long as they are together, and the others over that; gaps are unmapped. */
  private region(pieces: readonly ImagePiece[], place: number): void {
    const objects = this.lay(pieces, place);
    const [first, ...others] = pieces;
    this.place(objects[0]!, first!, undefined);
    const region = this.space.pieceAt(first!.start)!.region;
    for (const [i, piece] of others.entries()) this.place(objects[i + 1]!, piece, region);
  }

  /** Nothing of it is at an address that the trace may name. */
  private hiddenVdso(): void {
    const objects = this.lay(VDSO_PIECES, PLACE_VDSO);
    const [vvar, , vdso] = objects;
    this.space.hiddenVdso = { vvar: vvar!, vdso: vdso! };
    this.events.imply(RULES.vdso, access.code, vdso!, 0, 64, READ);
  }

  private lay(pieces: readonly ImagePiece[], place: number): number[] {
    const [first, ...others] = pieces;
    const { start, end } = first!;
    const whole = this.map(first!, pieces.at(-1)!.end - start, first!.prot | place);
    this.clearBss(first!, whole);
    const objects = [whole];
    let next = end;
    for (const piece of others) {
      if (piece.start > next)
        this.events.imply(RULES.image, munmap.code, whole, next - start, piece.start - next);
      objects.push(this.over(piece, whole, piece.start - start, place === PLACE_VDSO ? place : 0));
      next = piece.end;
    }
    return objects;
  }

  private over(piece: ImagePiece, whole: number, offset: number, place: number): number {
    const bytes = piece.end - piece.start;
    const object = this.map(piece, bytes, piece.prot | place);
    this.events.imply(RULES.image, mremap_fixed.code, object, whole, offset);
    this.clearBss(piece, object);
    return object;
  }

  private clearBss({ start, end, file, prot, hasBss }: ImagePiece, object: number): void {
    if (!(hasBss ?? (file !== undefined && (prot & PROT_WRITE) !== 0))) return;
    const lastPage = end - PAGE_BYTES;
    const address = this.cleared.find((at) => at >= lastPage && at < end);
    if (address === undefined) this.populate(object, lastPage - start);
    else this.events.imply(RULES.pages, access.code, object, address - start, 1, WRITE | KERNEL_MODE);
  }

  private map(piece: ImagePiece, bytes: number, flags: number): number {
    const { objects, files } = this.calls;
    const object = objects.newObject();
    const { file, offset, start, end } = piece;
    const number = file === undefined ? 0 : files.numberOf(file, offset, end - start);
    this.events.imply(RULES.image, mmap.code, object, bytes, flags, number);
    return object;
  }

  private place(
    object: number,
    { start, end, prot, file, offset }: ImagePiece,
    region: number | undefined,
  ): void {
    const { objects, files } = this.calls;
    const fileNumber = file === undefined ? 0 : files.numberOf(file, offset, end - start);
    objects.place(this.space, object, { flags: prot, file, fileNumber }, { start, end }, { region });
  }

  private populate(object: number, offset: number): void {
    this.events.imply(RULES.pages, madvise.code, object, offset, PAGE_BYTES, MADV_POPULATE_WRITE);
  }
}

const PLACES: Readonly<Record<ProgramPlace, number>> = {
  fixed: PLACE_TEXT,
  pie: PLACE_PIE,
  anywhere: PLACE_MMAP,
};

function placeOf(start: number): ProgramPlace {
  return start < FIXED_BELOW && start !== VALGRIND_PIE ? 'fixed' : 'pie';
}

/** The vdso is pages that all processes share; what it reads are no pages of memory that anybody counts. */
function ofKernel(piece: ImagePiece): ImagePiece {
  return (piece.prot & PROT_EXEC) === 0 ? piece : { ...piece, file: VDSO, offset: 0 };
}

const VDSO_PIECES: readonly ImagePiece[] = [
  { start: 0, end: VVAR_PAGES, prot: PROT_READ, file: undefined, offset: 0 },
  { start: VVAR_PAGES, end: VVAR_PAGES + VCLOCK_PAGES, prot: PROT_READ, file: undefined, offset: 0 },
  {
    start: VVAR_PAGES + VCLOCK_PAGES,
    end: VVAR_PAGES + VCLOCK_PAGES + VDSO_PAGES,
    prot: PROT_READ | PROT_EXEC,
    file: VDSO,
    offset: 0,
  },
].map((piece) => ({ ...piece, start: piece.start * PAGE_BYTES, end: piece.end * PAGE_BYTES }));
