/** `vmsplit view`: where it serves, when it opens a browser, and how it ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { browserCommand } from '../../../replay/node/open-browser.ts';
import { builtCli, builtPage } from '../../support/build.ts';
import { served } from '../page/browser/support/served.ts';
import { recordedDrivers, temporaryFolder, vmsplit } from './vmsplit.ts';

beforeAll(() => void builtPage(), 60_000);

describe('what is served', () => {
  it('is the page with the run, and its trace, until Ctrl-C', async () => {
    const trace = await recordedDrivers('--events 2000');
    const { url, end } = await served(`${trace} --layouts linux-3g1g,linux-2g2g`);
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
    const { url, end } = await served(packed);
    const bytes = Buffer.from(await (await fetch(`${url}trace`)).arrayBuffer());
    expect(Buffer.compare(bytes, trace)).toBe(0);
    await end();
  });

  it('may be nothing: then the page asks', async () => {
    const { url, end } = await served('');
    expect(await (await fetch(url)).text()).toContain('id="run">{"files":{}}</script>');
    expect((await fetch(`${url}trace`)).status).toBe(404);
    expect((await end()).out).toBe(`${url}\nreproduce: vmsplit view\n`);
  });

  it('is told as JSON', async () => {
    const { end } = await served('workload:drivers --events 500 --layout 3g1g --json');
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
    const { url, end } = await served('workload:drivers', { tty: true, env });
    while (opened() === '') await setTimeout(10);
    expect(opened()).toBe(`${url}\n`);
    await end();
  });

  it.each([
    ['in a pipe', 'workload:drivers', false],
    ['with --no-open', 'workload:drivers --no-open', true],
  ])('is not opened %s', async (_, line, tty) => {
    const { env, opened } = notingBrowser();
    const { end } = await served(line, { tty, env });
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
