/** The C compiler of this machine, and what it makes of the programs of this folder. */
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../../core/base/errors.ts';
import { packagePath } from '../inputs/inputs.ts';

const NAMES = ['cc', 'gcc', 'clang'];

/** For the processor at hand; the second for compilers that do not know it. */
const FLAGS = [['-O3', '-march=native'], ['-O3']] as const;

export interface Compiler {
  readonly command: string;
  /** The first line that it says of itself. */
  readonly version: string;
}

/** What to say where there is none. */
export class NoCompiler {
  readonly word: string;

  constructor({ CC }: Environment) {
    const tried = CC === undefined ? NAMES.join(', ') : `$CC, which is '${CC}'`;
    this.word =
      `no C compiler found (tried ${tried}): there is nothing to compare with. ` +
      'Install gcc or clang, or name a compiler in $CC';
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** That of $CC, or the first of the usual names that answers. */
export function findCompiler(env: Environment): Compiler | NoCompiler {
  for (const command of env.CC === undefined ? NAMES : [env.CC]) {
    const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8', env: { ...env } });
    if (status === 0) return { command, version: stdout.split('\n', 1)[0]! };
  }
  return new NoCompiler(env);
}

/** Compiles PROGRAM.c into `folder`, and returns the path of what came of it. */
export async function build({ command }: Compiler, program: string, folder: string): Promise<string> {
  const path = join(folder, program);
  let failure: unknown;
  for (const flags of FLAGS) {
    try {
      await promisify(execFile)(command, [...flags, '-o', path, packagePath(`bench/limit/${program}.c`)]);
      return path;
    } catch (error) {
      failure = error;
    }
  }
  throw new UsageError(`${command} does not compile bench/limit/${program}.c: ${messageOf(failure)}`);
}

function messageOf(error: unknown): string {
  return (error as { stderr?: string }).stderr?.trim() || (error as Error).message;
}
