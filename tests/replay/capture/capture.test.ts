/**
 * The script for a board, under the shells that are here: what it saves, what it writes into tracefs, and that it puts
 * everything back. Where there is no tracefs to be had, a folder with its files stands for it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { captureScript } from '../../../replay/capture/script.ts';
import { latin1, tarEntries } from '../../../traces/index.ts';
import { FULL } from '../../support/depth.ts';

const SCRIPT = captureScript({ seconds: 0, bufferKib: 64, trace: true }, '9.8.7');
const KPTR = '/proc/sys/kernel/kptr_restrict';

const has = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const SHELLS: readonly (readonly [string, readonly string[]])[] = [
  ['sh', []],
  ...(FULL ? [['busybox', ['ash']] as const] : []),
];
/** Those without are skipped, by name. */
const shells = describe.each(SHELLS.map(([shell, words]) => ({ shell, words, isHere: has(shell) })));

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'vmsplit-capture-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

interface Ran {
  readonly code: number | null;
  readonly err: string;
  /** By name, without the folder that all are in. */
  readonly files: ReadonlyMap<string, string>;
}

/** Runs it with other programs first on the path. */
async function run(
  shell: readonly string[],
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ran> {
  const [command, ...words] = shell;
  const tmp = folder();
  const { PATH = '' } = process.env;
  const { status, stdout, stderr } = spawnSync(command!, [...words, '-s', '--', '-o', '-', ...args], {
    input: SCRIPT,
    env: { ...process.env, TMPDIR: tmp, ...env, PATH: `${env.PATH ?? ''}:${PATH}` },
    maxBuffer: 2 ** 28,
  });
  const entries = (await tarEntries(stdout)) ?? [];
  expect(spawnSync('ls', ['-A', tmp]).stdout.toString()).toBe('');
  return {
    code: status,
    err: stderr.toString(),
    files: new Map(entries.map(({ name, content }) => [name.replace(/^[^/]*\//, ''), latin1(content)])),
  };
}

/** Programs that stand for others. */
function programs(texts: Readonly<Record<string, string>>): string {
  const path = folder();
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(join(path, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(path, name), 0o755);
  }
  return path;
}

const EVENTS = ['kmem/mm_page_alloc', 'kmem/kfree', 'sched/sched_process_exit'];
const TRACE = '# tracer: nop\n  insmod-7 [000] ..... 1.000001: mm_page_free: page=1 pfn=5 order=0\n';

/** The files of tracefs of a kernel without instances; `cat` shows a trace in it. */
function fakeTracefs(events: readonly string[] = EVENTS): { path: string; env: Record<string, string> } {
  const path = folder();
  const write = (name: string, text: string): void => {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), text);
  };
  for (const event of events) write(`events/${event}/enable`, '0\n');
  const files = { 'events/enable': '0\n', tracing_on: '1\n', current_tracer: 'nop\n', set_event: '' };
  const more = {
    'options/overwrite': '1\n',
    'options/hash-ptr': '1\n',
    buffer_size_kb: '1408 (expanded: 1408)\n',
    kprobe_events: '',
  };
  for (const [name, text] of Object.entries({ ...files, ...more, trace: '' })) write(name, text);
  for (const cpu of [0, 1]) write(`per_cpu/cpu${cpu}/stats`, `entries: 1\ndropped events: ${cpu}\n`);
  const cat = `case $1 in */trace) printf '%s' '${TRACE}' ;; *) exec ${catPath} "$@" ;; esac`;
  return { path, env: { TRACEFS: path, PATH: programs({ cat, gzip: 'exit 0' }) } };
}
const catPath = execFileSync('sh', ['-c', 'command -v cat']).toString().trim();
const read = (path: string, name: string): string => readFileSync(join(path, name), 'utf8');

shells('$shell', ({ shell, words, isHere }) => {
  const command = [shell, ...words];

  test.skipIf(!isHere)(
    'saves what there is, traces vmalloc by kprobes, and leaves tracefs as it was',
    async () => {
      const probes = ['area', 'area_ret', 'area_free'].map((name) => `vmsplit/vmsplit_${name}`);
      const { path, env } = fakeTracefs([...EVENTS, ...probes]);
      const { code, files, err } = await run(command, ['sh', '-c', 'echo hello; exit 3'], env);
      expect([code, err]).toEqual([0, expect.stringContaining('hello\n')]);
      for (const name of [
        'cmdline',
        'version',
        'iomem',
        'before/meminfo',
        'after/zoneinfo',
        'before/buddyinfo',
      ])
        expect(files.get(name), name).toBeTruthy();
      expect(files.get('notes.txt')).toMatch(/^by vmsplit capture 9\.8\.7, /);
      expect(files.get('notes.txt')).toContain('the command ended with 3');
      expect(files.get('notes.txt')).toContain('the buffers were full: later events are missing');
      // busybox has a cat and a gzip of its own.
      expect(files.get('trace.txt') ?? files.get('trace.txt.gz')).toBeTruthy();
      if (shell === 'sh') expect(files.get('trace.txt')).toBe(TRACE);
      expect(files.get('events.txt')?.trim().split('\n').sort()).toEqual([...EVENTS, ...probes].sort());
      const defined = read(path, 'kprobe_events').trim().split('\n');
      expect(defined[0]).toMatch(/^p:vmsplit\/vmsplit_area alloc_vmap_area size=\S+ align=\S+$/);
      expect(defined[1]).toBe('r:vmsplit/vmsplit_area_ret alloc_vmap_area ret=$retval va=+0($retval)');
      expect(defined[2]).toMatch(/^p:vmsplit\/vmsplit_area_free free_vmap_area_noflush va=\+0\(\S+\)$/);
      const removed = defined.filter((line) => line.startsWith('-:')).map((line) => line.slice(2));
      expect(removed.sort()).toEqual(defined.flatMap((line) => /^[pr]:(\S+)/.exec(line)?.[1] ?? []).sort());
      const left = ['tracing_on', 'options/overwrite', 'options/hash-ptr', 'events/enable', 'buffer_size_kb'];
      expect(left.map((name) => read(path, name))).toEqual(['1\n', '1\n', '1\n', '0\n', '1408\n']);
    },
  );

  test.skipIf(!isHere)('refuses wrong options', async () => {
    expect(await run(command, ['-s', 'x'])).toMatchObject({
      code: 2,
      err: expect.stringContaining("found 'x'"),
    });
    expect(await run(command, ['-x'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('usage: sh capture.sh'),
    });
  });
});

test('where somebody traces already nothing is traced', async () => {
  const { path, env } = fakeTracefs();
  writeFileSync(join(path, 'current_tracer'), 'function\n');
  const { code, files } = await run(['sh'], [], env);
  expect([code, files.has('trace.txt')]).toEqual([0, false]);
  expect(files.get('notes.txt')).toContain('somebody traces already: nothing is traced');
  expect([read(path, 'tracing_on'), read(path, 'kprobe_events')]).toEqual(['1\n', '']);
});

test.runIf(FULL)('functions that cannot be probed are left for those that every kernel has', async () => {
  const { path, env } = fakeTracefs();
  // A kernel refuses a definition when it is written: as this file is once it is a folder.
  rmSync(join(path, 'kprobe_events'));
  mkdirSync(join(path, 'kprobe_events'));
  const { code, files } = await run(['sh'], [], env);
  expect(code).toBe(0);
  expect(files.get('notes.txt')).toContain('this kernel has neither tracepoints nor kprobes for vmalloc');
});

const NO_TRACEFS = !existsSync('/sys/kernel/tracing/trace') && !existsSync('/sys/kernel/debug/tracing/trace');

test.skipIf(!NO_TRACEFS)('without tracefs nothing is traced, and that is told', async () => {
  const { code, files } = await run(['sh'], [], { PATH: programs({ mount: 'exit 1' }) });
  expect([code, files.has('trace.txt')]).toEqual([0, false]);
  expect(files.get('notes.txt')).toContain('no tracefs: nothing is traced');
});

/** Whether a real one can be had: root, and a kernel that has it. */
const MOUNTS = 'mount -t tracefs nodev /sys/kernel/tracing 2>/dev/null && umount /sys/kernel/tracing';
const isTraceable = !NO_TRACEFS || spawnSync('sh', ['-c', MOUNTS]).status === 0;

test.skipIf(!isTraceable)(
  'with the tracefs of this kernel a trace comes out, and nothing is left of it',
  async () => {
    const kptr = existsSync(KPTR) ? readFileSync(KPTR, 'utf8') : '';
    const { code, files, err } = await run(['sh'], ['-b', '64', 'true']);
    expect(code, err).toBe(0);
    expect(files.get('events.txt')).toMatch(/^kmem\/mm_page_alloc$/m);
    expect(files.has('trace.txt.gz') || files.has('trace.txt')).toBe(true);
    if (NO_TRACEFS) expect(existsSync('/sys/kernel/tracing/trace')).toBe(false);
    expect(existsSync(KPTR) ? readFileSync(KPTR, 'utf8') : '').toBe(kptr);
  },
);

test.skipIf(!has('shellcheck'))('shellcheck has nothing to say', () => {
  const { stdout, status } = spawnSync('shellcheck', ['-'], { input: SCRIPT });
  expect([stdout.toString(), status]).toEqual(['', 0]);
});

test('its head tells what it needs, saves, costs and changes, before all else, in 80 columns', () => {
  const head = SCRIPT.split('\nset -u')[0]!;
  for (const word of ['Needs:', 'Saves:', 'Traces,', 'Costs:', 'Changes while it runs', 'Writes:'])
    expect(head).toContain(`\n# ${word}`);
  expect(head).toContain('(0), or while COMMAND runs');
  expect(Math.max(...head.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(SCRIPT).not.toMatch(/@[A-Z]+@/);
});
