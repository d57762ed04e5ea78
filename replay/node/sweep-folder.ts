/**
 * The folder of a sweep: `HASH.json` for each finished point, written as a whole or not at all, and `sweep.json`, the plan
 * that was made last. Points are called by what their results depend on, so that sweeps may share a folder.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../core/base/errors.ts';
import { fileSink } from '../../traces/node/index.ts';
import type { RunResult } from '../run/carry-out.ts';
import { runSpecFrom, runSpecToJson } from '../spec/index.ts';
import {
  HOWS,
  type ImpossiblePoint,
  isImpossible,
  type Kept,
  type PlannedPoint,
  type PointStore,
  type SweepPlan,
} from '../sweep/index.ts';

const VERSION = 1;
const PLAN = 'sweep.json';

/** The folder of a sweep: its plan, and a file for each point that is finished, so that the sweep can go on later. */
export class SweepFolder implements PointStore {
  readonly path: string;

  /** One that is there. */
  constructor(path: string) {
    this.path = path;
  }

  /** Made if it is not there. */
  static async made(path: string): Promise<SweepFolder> {
    await mkdir(path, { recursive: true }).catch((error: Error) => {
      throw new UsageError(`${path}: cannot be made: ${error.message}. Choose another --out`);
    });
    return new SweepFolder(path);
  }

  async load(hash: string): Promise<Kept | undefined> {
    const kept = await jsonIn(this.fileOf(hash));
    if (!isObject(kept) || kept.version !== VERSION || kept.hash !== hash) return undefined;
    // Files of before there were passes do not say.
    const how = HOWS.find((one) => one === kept.how) ?? 'replay';
    return { result: kept.result as RunResult, how };
  }

  keep({ hash, settings, run }: PlannedPoint, { result, how }: Kept): Promise<void> {
    const texts = Object.fromEntries(settings.map(({ key, text }) => [key, text]));
    return write(this.fileOf(hash), {
      version: VERSION,
      hash,
      settings: texts,
      run: runSpecToJson(run),
      how,
      result,
    });
  }

  keepPlan({ keys, points }: SweepPlan): Promise<void> {
    const rows = points.map((point) =>
      isImpossible(point) ? point : { ...point, run: runSpecToJson(point.run) },
    );
    return write(join(this.path, PLAN), { version: VERSION, keys, points: rows });
  }

  /** Throws a UsageError where there is none. */
  async plan(): Promise<SweepPlan> {
    const file = join(this.path, PLAN);
    const json = await jsonIn(file);
    if (!isObject(json) || json.version !== VERSION || !Array.isArray(json.points))
      throw new UsageError(
        `${file}: found no plan of a sweep, expected what \`vmsplit sweep ... --out ${this.path}\` writes there`,
      );
    const points = json.points.map((row: ImpossiblePoint | (PlannedPoint & { run: unknown })) =>
      isImpossible(row) ? row : { ...row, run: runSpecFrom(row.run, file) },
    );
    return { keys: json.keys as string[], points };
  }

  private fileOf(hash: string): string {
    return join(this.path, `${hash}.json`);
  }
}

async function jsonIn(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    // What is no JSON is no finished point: it is made anew.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null;
}

async function write(file: string, value: unknown): Promise<void> {
  const sink = await fileSink(file);
  try {
    await sink.write(new TextEncoder().encode(`${JSON.stringify(value)}\n`));
  } catch (error) {
    await sink.discard();
    throw error;
  }
  await sink.close();
}
