/** `npm run bench -- --limit`: hot paths beside the same in C, row by row. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../core/base/errors.ts';
import { Inputs } from '../inputs/inputs.ts';
import { headerOf } from '../measure/header.ts';
import type { Progress } from '../measure/progress.ts';
import { type LimitResult, type LimitRun, readBaseline, saveBaseline } from './baseline.ts';
import { build, type Compiler, type Environment, findCompiler, NoCompiler } from './compiler.ts';
import { Contestant } from './contestant.ts';
import { compare } from './rounds.ts';
import type { LimitRow } from './row.ts';
import { limitRows } from './rows/index.ts';
import { limitText } from './text.ts';

export interface LimitOptions {
  /** Of limitRows(). */
  readonly rows: readonly LimitRow[];
  readonly timeMs: number;
  readonly seed: number;
  /** Another baseline than the committed one. */
  readonly baseline?: string | undefined;
  readonly json: boolean;
  readonly save: boolean;
}

/** Returns what there is to print. */
export async function limit(options: LimitOptions, env: Environment, progress: Progress): Promise<string> {
  const compiler = findCompiler(env);
  if (compiler instanceof NoCompiler)
    return options.json
      ? `${JSON.stringify({ skipped: compiler.word, results: [] })}\n`
      : `bench --limit: skipped: ${compiler.word}.\n`;
  const baseline = options.save ? undefined : await readBaseline(options.baseline);
  const run = await measured(options, compiler, env.VMSPLIT_BENCH_TRACE, progress);
  if (options.save) await saveBaseline(run);
  return options.json ? `${JSON.stringify(run, undefined, 2)}\n` : limitText(run, baseline ?? run);
}

async function measured(
  { rows, timeMs, seed }: LimitOptions,
  compiler: Compiler,
  trace: string | undefined,
  progress: Progress,
): Promise<LimitRun> {
  const inputs = new Inputs(seed, trace);
  const folder = await mkdtemp(join(tmpdir(), 'vmsplit-limit-'));
  try {
    const stage = new Stage(inputs, compiler, folder, timeMs);
    const results: LimitResult[] = [];
    for (const row of rows) {
      progress(`${row.suite}: ${row.name}`);
      results.push(...(await stage.resultsOf(row)));
    }
    const header = headerOf(seed, timeMs, inputs.tracePath);
    return { header: { ...header, compiler: compiler.version }, results };
  } finally {
    progress('');
    await rm(folder, { recursive: true });
  }
}

/** Where contestants meet: a folder with the compiled programs and the files that they read. */
class Stage {
  private readonly inputs: Inputs;
  private readonly compiler: Compiler;
  private readonly folder: string;
  private readonly timeMs: number;
  private readonly built = new Map<string, Promise<string>>();

  constructor(inputs: Inputs, compiler: Compiler, folder: string, timeMs: number) {
    this.inputs = inputs;
    this.compiler = compiler;
    this.folder = folder;
    this.timeMs = timeMs;
  }

  async resultsOf(row: LimitRow): Promise<LimitResult[]> {
    const contestants: Contestant[] = [];
    try {
      contestants.push(await this.cOf(row));
      for (const i of row.entrants.keys()) contestants.push(await this.entrantOf(row, i));
      const [c, ...others] = contestants;
      for (const other of others) agree(row, c!, other);
      const { cNs, others: standings } = await compare(c!, others, this.timeMs);
      return row.entrants.map(({ name, isPeer = false }, i) => {
        const { suite, name: title, unit } = row;
        return { suite, row: title, unit, name, isPeer, cNs, ...standings[i]! };
      });
    } finally {
      for (const contestant of contestants) await contestant.stop();
    }
  }

  private async cOf({ name, program, args, file }: LimitRow): Promise<Contestant> {
    if (!this.built.has(program)) this.built.set(program, build(this.compiler, program, this.folder));
    const path = await this.built.get(program)!;
    const input = join(this.folder, `${program}.input`);
    if (file !== undefined) await writeFile(input, await file(this.inputs));
    return Contestant.start(`${name}: C`, path, file === undefined ? args : [input, ...args]);
  }

  private entrantOf(row: LimitRow, entrant: number): Promise<Contestant> {
    const { seed, tracePath } = this.inputs;
    const index = limitRows().findIndex(({ name }) => name === row.name);
    const args = [SERVE, index, entrant, seed, tracePath].map(String);
    const name = `${row.name}: ${row.entrants[entrant]!.name}`;
    return Contestant.start(name, process.execPath, [...process.execArgv, ...args]);
  }
}

/** Compiled beside this file, as this file is. */
const SERVE = fileURLToPath(new URL(`serve${extname(import.meta.url)}`, import.meta.url));

/** Speeds of different work do not compare. */
export function agree(
  { name }: LimitRow,
  c: Pick<Contestant, 'check'>,
  other: Pick<Contestant, 'check' | 'name'>,
): void {
  if (other.check === '' || other.check === c.check) return;
  throw new UsageError(
    `${name}: not compared: '${other.name}' did other work than C: found "${other.check}", expected "${c.check}"`,
  );
}
