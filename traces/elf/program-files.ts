/**
 * Programs by their paths: what execve makes of a file. A script names the program that runs it (fs/binfmt_script.c), an
 * ELF file its dynamic linker.
 */
import { Fault } from '../base/errors.ts';
import type { ReadBytes } from './elf-fields.ts';
import { type ElfFile, readElf } from './elf-file.ts';

/** A file that can be read anywhere. */
export interface OpenFile {
  /** As the kernel names it in maps: without links. */
  readonly path: string;
  readonly read: ReadBytes;
}

/** Undefined where there is no such file. */
export type OpenProgram = (path: string) => OpenFile | undefined;

export interface Program {
  readonly path: string;
  readonly elf: ElfFile;
}

/** bprm_execve(): a script may be run by a script, and so on, so many times. */
const MOST_SCRIPTS = 5;
/** BINPRM_BUF_SIZE. */
const SCRIPT_BYTES = 256;

export class ProgramFiles {
  private readonly open: OpenProgram;
  private readonly known = new Map<string, Program | string>();

  constructor(open: OpenProgram) {
    this.open = open;
  }

  /** @returns what is wrong with it, for people, as a text */
  programOf(path: string): Program | string {
    const known = this.known.get(path) ?? this.read(path, MOST_SCRIPTS);
    this.known.set(path, known);
    return known;
  }

  private read(path: string, scriptsLeft: number): Program | string {
    const file = this.open(path);
    if (file === undefined) return `${path} is not here`;
    const runner = runnerIn(file);
    if (runner !== undefined && scriptsLeft > 0) return this.read(runner, scriptsLeft - 1);
    try {
      return { path: file.path, elf: readElf(file.read) };
    } catch (error) {
      if (error instanceof Fault) return `${file.path} is no program that can be read: ${error.message}`;
      throw error;
    }
  }
}

/** `#!/bin/sh -e`: the first word. */
function runnerIn({ read }: OpenFile): string | undefined {
  const head = String.fromCharCode(...read(0, SCRIPT_BYTES));
  return /^#![ \t]*([^ \t\n\0]+)/.exec(head)?.[1];
}
