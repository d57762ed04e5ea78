/** `vmsplit view`: where it serves, when it opens a browser, and how it ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../replay/cli/run.ts';
import { Interrupted } from '../../../replay/cli/terminal/failure.ts';
import { browserCommand } from '../../../replay/node/open-browser.ts';
import { builtCli, builtPage } from '../../support/build.ts';
import { recordedDrivers, temporaryFolder, vmsplit } from './vmsplit.ts';

beforeAll(() => void builtPage(), 60_000);

interface Viewing {
  readonly url: string;
  /** Ctrl-C; the exit code and all that was told. */
  end(): Promise<{ readonly code: number; readonly out: string; readonly err: string }>;
}

/** Starts a server in this process, and waits for its address. */
async function view(
  line: string,
  options: { tty?: boolean; env?: Record<string, string> } = {},
): Promise<Viewing> {
  const interruption = new AbortController();
  const text = { out: '', err: '' };
  const stream = (name: 'out' | 'err', isTTY: boolean) =>
    Object.assign(
      new PassThrough().on('data', (part) => (text[name] += part)),
      { isTTY, columns: 200 },
    );
  const stdout = stream('out', options.tty ?? false);
  const code = run(['view', ...line.split(' ').filter((word) => word !== '')], {
    stdin: new PassThrough(),
    stdout,
    stderr: stream('err', false),
    env: options.env ?? {},
    signal: interruption.signal,
  });
  while (!/http:\S+/.test(text.out)) await Promise.race([once(stdout, 'data'), code]);
  return {
    url: /http:\/\/127[^\s:"]+:\d+[^\s:"]*/.exec(text.out)![0],
    async end() {
      interruption.abort(new Interrupted(130));
      return { code: await code, ...text };
    },
  };
}

describe('what is served', () => {
  it('is the page with the run, and its trace, until Ctrl-C', async () => {
    const trace = await recordedDrivers('--events 2000');
    const { url, end } = await view(`${trace} --layouts linux-3g1g,linux-2g2g`);
    const page = await (await fetch(url)).text();
    expect(page).toContain(JSON.stringify({ url: 'trace', byteLength: readFileSync(trace).length }));
    const bytes = Buffer.from(await (await fetch(`${url}trace`)).arrayBuffer());
    expect(Buffer.compare(bytes, readFileSync(trace))).toBe(0);
    const { code, out, err } = await end();
    expect([code, err]).toEqual([130, 'Ctrl-C ends it\nvmsplit: interrupted\n']);
    expect(out).toContain(`${url}: ${trace} under linux-3g1g,linux-2g2g\n`);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('may be packed', async () => {
    const trace = readFileSync(await recordedDrivers('--events 300'));
    const packed = join(temporaryFolder(), 'drivers.vmt.gz');
    writeFileSync(packed, gzipSync(trace));
    const { url, end } = await view(packed);
    const bytes = Buffer.from(await (await fetch(`${url}trace`)).arrayBuffer());
    expect(Buffer.compare(bytes, trace)).toBe(0);
    await end();
  });

  it('may be nothing: then the page asks', async () => {
    const { url, end } = await view('');
    expect(await (await fetch(url)).text()).toContain('id="run">{"files":{}}</script>');
    expect((await fetch(`${url}trace`)).status).toBe(404);
    expect((await end()).out).toBe(`${url}\nreproduce: vmsplit view\n`);
  });

  it('is told as JSON', async () => {
    const { end } = await view('workload:drivers --events 500 --layout 3g1g --json');
    expect(JSON.parse((await end()).out)).toMatchObject({ events: 500, lanes: '3g1g', lost: null });
  });
});

describe('what is wrong is told at once', () => {
  it.each([
    ['view none.vmt', 'none.vmt: cannot be read: no such file'],
    ['view --layout 3g1g', 'found options of a run and no events'],
    ['view --port 0', '--port'],
    ['view --port 65536', '--port'],
  ])('%s', async (line, message) => {
    const { code, err } = await vmsplit(line);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('the browser', () => {
  it.each([
    ['linux', { DISPLAY: ':0' }, ['xdg-open']],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open']],
    ['linux', { DISPLAY: '' }, undefined],
    ['freebsd', {}, undefined],
    ['darwin', {}, ['open']],
    ['win32', {}, ['cmd', '/c', 'start', '']],
  ] as const)('on %s with %o', (platform, env, command) => {
    expect(browserCommand(platform, env)).toEqual(command);
  });

  /** A browser that notes what it is to open. */
  function notingBrowser(): { env: Record<string, string>; opened(): string } {
    const folder = temporaryFolder();
    const note = join(folder, 'opened');
    writeFileSync(note, '');
    writeFileSync(join(folder, 'xdg-open'), `#!/bin/sh\necho "$1" >> '${note}'\n`);
    chmodSync(join(folder, 'xdg-open'), 0o755);
    const env = { DISPLAY: ':0', PATH: `${folder}:${process.env.PATH}` };
    return { env, opened: () => readFileSync(note, 'utf8') };
  }

  it.skipIf(process.platform !== 'linux')('is opened from a terminal', async () => {
    const { env, opened } = notingBrowser();
    const { url, end } = await view('workload:drivers', { tty: true, env });
    while (opened() === '') await setTimeout(10);
    expect(opened()).toBe(`${url}\n`);
    await end();
  });

  it.each([
    ['in a pipe', 'workload:drivers', false],
    ['with --no-open', 'workload:drivers --no-open', true],
  ])('is not opened %s', async (_, line, tty) => {
    const { env, opened } = notingBrowser();
    const { end } = await view(line, { tty, env });
    await setTimeout(50);
    expect(opened()).toBe('');
    await end();
  });
});

it('Ctrl-C ends the process with 130, while a page is being served', async () => {
  const child = spawn(process.execPath, [builtCli(), 'view', 'workload:drivers'], { stdio: 'pipe' });
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  await fetch(/http:\S+\//.exec(line)![0]);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([130, null]);
});
