/** `vmsplit view` in this process, until it is closed. */
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { run } from '../../../../../replay/cli/run.ts';
import { Interrupted } from '../../../../../replay/cli/terminal/failure.ts';

interface StreamOptions {
  /** Whether results go to a terminal. */
  readonly tty?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Served {
  readonly url: string;
  /** Ctrl-C; the exit code and all that was told. */
  end(): Promise<{ readonly code: number; readonly out: string; readonly err: string }>;
  close(): Promise<void>;
}

/** Words are separated by blanks. */
export async function served(line: string, { tty = false, env = {} }: StreamOptions = {}): Promise<Served> {
  const interruption = new AbortController();
  const text = { out: '', err: '' };
  const stream = (name: 'out' | 'err', isTTY: boolean) =>
    Object.assign(
      new PassThrough().on('data', (part) => (text[name] += part)),
      { isTTY, columns: 200 },
    );
  const stdout = stream('out', tty);
  const code = run(['view', ...line.split(' ').filter((word) => word !== '')], {
    stdin: new PassThrough(),
    stdout,
    stderr: stream('err', false),
    env,
    signal: interruption.signal,
  });
  while (!/http:\S+/.test(text.out)) {
    const ended = await Promise.race([once(stdout, 'data').then(() => undefined), code]);
    if (ended !== undefined) throw new Error(text.err);
  }
  const end = async () => {
    interruption.abort(new Interrupted(130));
    return { code: await code, ...text };
  };
  return {
    url: /http:\/\/127[^\s:"]+:\d+[^\s:"]*/.exec(text.out)![0],
    end,
    async close() {
      await end();
    },
  };
}
