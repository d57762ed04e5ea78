/** Runs command lines in this process, with streams and a temporary folder of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { run } from '../../../replay/cli/run.ts';

interface Ran {
  readonly code: number;
  readonly bytes: Buffer;
  /** Standard output and error as text. */
  readonly out: string;
  readonly err: string;
}

interface RunOptions {
  readonly stdin?: Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Which streams are terminals. */
  readonly terminal?: readonly ('stdin' | 'stdout' | 'stderr')[];
  /** How wide they are. */
  readonly columns?: number;
}

/** Words of a command line are separated by blanks; file names in it have none. */
export async function vmsplit(line: string, options: RunOptions = {}): Promise<Ran> {
  const {
    stdin = new Uint8Array(0),
    env = {},
    signal = new AbortController().signal,
    terminal = [],
    columns = 1000,
  } = options;
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const [out, err] = [collect(stdout), collect(stderr)];
  const isTTY = (name: 'stdin' | 'stdout' | 'stderr') => ({ isTTY: terminal.includes(name), columns });
  const code = await run(
    line.split(' ').filter((word) => word !== ''),
    {
      stdin: Object.assign(Readable.from([stdin]), isTTY('stdin')),
      stdout: Object.assign(stdout, isTTY('stdout')),
      stderr: Object.assign(stderr, isTTY('stderr')),
      env,
      signal,
    },
  );
  const bytes = Buffer.concat(out);
  return { code, bytes, out: bytes.toString(), err: Buffer.concat(err).toString() };
}

function collect(stream: PassThrough): Buffer[] {
  const parts: Buffer[] = [];
  stream.on('data', (part: Buffer) => parts.push(part));
  return parts;
}

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vmsplit-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A trace of the drivers workload, in a temporary folder; `options`: of `vmsplit record`. */
export async function recordedDrivers(options: string): Promise<string> {
  const file = join(temporaryFolder(), 'drivers.vmt');
  await vmsplit(`record drivers ${options} -o ${file}`);
  return file;
}

/** A result printed with --json; its keys are the contract. */
export function json({ out }: Pick<Ran, 'out'>): Record<string, unknown> {
  return JSON.parse(out) as Record<string, unknown>;
}

export const LACKEY = 'tests/fixtures/lackey/true.lackey.gz';
