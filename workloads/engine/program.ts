/**
 * Programs and shared libraries: what execve and the dynamic linker map before main() runs.
 *
 * An image is an executable segment (r-x, shared through the page cache) and a writable one (rw-: .data, .bss).
 * Left out: read-only data, relocation (RELRO) and locale mappings, and the vdso; they are mapped in a real
 * process but add nothing to what these workloads show.
 */
import {
  MAP_SHARED,
  PLACE_STACK,
  PLACE_TEXT,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '../../core/event/mmap-flags.ts';
import type { Engine } from './engine.ts';
import type { Process } from './process.ts';
import { KIB } from './units.ts';

const TEXT_FLAGS = PROT_READ | PROT_EXEC;
export const PRIVATE_DATA = PROT_READ | PROT_WRITE;
export const SHARED_DATA = PRIVATE_DATA | MAP_SHARED;

export interface Image {
  readonly textBytes: number;
  readonly dataBytes: number;
}

/** Segment sizes from /proc/PID/maps of a bash on Debian 12 (bash 5.2, glibc 2.36, x86-64). */
export const IMAGES = {
  bash: { textBytes: 772 * KIB, dataBytes: 80 * KIB },
  ldso: { textBytes: 152 * KIB, dataBytes: 8 * KIB },
  libc: { textBytes: 1368 * KIB, dataBytes: 60 * KIB },
  libm: { textBytes: 464 * KIB, dataBytes: 4 * KIB },
  libz: { textBytes: 76 * KIB, dataBytes: 4 * KIB },
  /** A python3.11 on the same system: stands for any big server program. */
  python: { textBytes: 2764 * KIB, dataBytes: 1552 * KIB },
  /** dash, make, gcc 12 and binutils of the same system: executable and writable segments (readelf -l), .bss included. */
  dash: { textBytes: 76 * KIB, dataBytes: 20 * KIB },
  make: { textBytes: 144 * KIB, dataBytes: 24 * KIB },
  gcc: { textBytes: 612 * KIB, dataBytes: 32 * KIB },
  cc1: { textBytes: 20_240 * KIB, dataBytes: 1728 * KIB },
  as: { textBytes: 316 * KIB, dataBytes: 328 * KIB },
  ld: { textBytes: 264 * KIB, dataBytes: 44 * KIB },
} as const satisfies Record<string, Image>;

/** [stack] of the same processes. */
export const STACK_BYTES = 132 * KIB;
/** glibc asks for its first heap, and for each step of it, with this pad (M_TOP_PAD_DEFAULT of malloc.c). */
export const HEAP_STEP_BYTES = 128 * KIB;

/** The objects of a loaded program in a process. */
export interface Loaded {
  readonly text: number;
  readonly textBytes: number;
  readonly stack: number;
  readonly libraryTexts: readonly MappedText[];
}

interface MappedText {
  readonly object: number;
  readonly bytes: number;
}

/** An executable with its libraries, on disk: each text segment is a file that all processes share. */
export class Program {
  private readonly image: Image;
  private readonly textFile: number;
  private readonly libraries: readonly { readonly image: Image; readonly textFile: number }[];

  constructor(engine: Engine, image: Image, libraries: readonly Image[]) {
    this.image = image;
    this.textFile = engine.file(image.textBytes);
    this.libraries = libraries.map((library) => ({
      image: library,
      textFile: engine.file(library.textBytes),
    }));
  }

  /** Maps it into a process whose address space is empty: after its start, or after exec. */
  load(process: Process): Loaded {
    const { textBytes, dataBytes } = this.image;
    const text = process.mmap(textBytes, TEXT_FLAGS | PLACE_TEXT, this.textFile);
    const data = process.mmap(dataBytes, PRIVATE_DATA | PLACE_TEXT);
    const stack = process.mmap(STACK_BYTES, PRIVATE_DATA | PLACE_STACK);
    process.write(stack, STACK_BYTES - 64);
    const libraryTexts = this.libraries.map(({ image, textFile }) => {
      const object = process.mmap(image.textBytes, TEXT_FLAGS, textFile);
      process.touchPages(process.mmap(image.dataBytes, PRIVATE_DATA), 0, image.dataBytes);
      return { object, bytes: image.textBytes };
    });
    process.touchPages(data, 0, dataBytes);
    return { text, textBytes, stack, libraryTexts };
  }
}
