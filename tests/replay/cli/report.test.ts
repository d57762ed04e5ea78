/** `vmsplit report`: what is in the file, and which files it leaves alone. */
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { Interrupted } from '../../../replay/cli/terminal/failure.ts';
import { buildLayout, exportLayout } from '../../../replay/vmsplit.ts';
import { builtPage } from '../../support/build.ts';
import { json, recordedDrivers, temporaryFolder, vmsplit } from './vmsplit.ts';

beforeAll(() => void builtPage(), 60_000);

interface Inside {
  readonly spec: { readonly events: object; readonly lanes: object[] };
  readonly files: Readonly<Record<string, string>>;
  readonly trace: Buffer | undefined;
}

function inside(file: string): Inside {
  const html = readFileSync(file, 'utf8');
  const block = (id: string) => new RegExp(`id="${id}">([^<]*)</script>`).exec(html)?.[1];
  const { spec, files } = JSON.parse(block('run')!) as { spec: string; files: Record<string, string> };
  const trace = block('trace');
  return {
    spec: JSON.parse(spec),
    files,
    trace: trace === undefined ? undefined : Buffer.from(trace, 'base64'),
  };
}

describe('the page', () => {
  it('has the trace and the lanes in it, and tells its size', async () => {
    const trace = await recordedDrivers('--events 2000');
    const out = join(temporaryFolder(), 'out.html');
    const ran = await vmsplit(`report ${trace} --layouts linux-3g1g,linux-2g2g:ram=2G -o ${out} --json`);
    expect([ran.code, ran.err]).toEqual([0, '']);
    const { length } = readFileSync(out);
    expect(json(ran)).toMatchObject({ file: out, bytes: length, trace, events: 2000, lost: null });
    expect(json(ran).traceBytes).toBe(readFileSync(trace).length);
    const { spec, files, trace: bytes } = inside(out);
    expect(Buffer.compare(bytes!, readFileSync(trace))).toBe(0);
    expect(spec).toMatchObject({ events: { trace }, lanes: [{ layout: 'linux-3g1g' }, { ram: '2G' }] });
    expect(files).toEqual({});
  });

  it('of a workload makes the events itself, and is reproducible', async () => {
    const out = join(temporaryFolder(), 'out.html');
    const first = await vmsplit(`report workload:drivers --events 5000 --layout 3g1g -o ${out}`);
    const { spec, trace } = inside(out);
    expect(spec.events).toEqual({ workload: 'drivers', seed: 1, events: 5000 });
    expect(trace).toBeUndefined();
    const bytes = readFileSync(out);
    const [, again] = /reproduce: vmsplit (.*)/.exec(first.out)!;
    await vmsplit(again!);
    expect(Buffer.compare(readFileSync(out), bytes)).toBe(0);
    expect(first.out).toContain('made in the page');
  });

  it('has the files that the run names', async () => {
    const folder = temporaryFolder();
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const board = file('board.json', JSON.stringify(exportLayout(buildLayout('linux-3g1g'))));
    const mmu = file('mmu.json', '{ "preset": "skylake" }');
    const log = 'tests/fixtures/memory-map/i386-3g-pae_4096.dmesg.gz';
    const spec = {
      version: 1,
      events: { workload: 'drivers', events: 100 },
      lanes: [
        { layout: board, mmu },
        { layout: 'linux-3g1g-pae', memoryMap: log },
      ],
    };
    const out = join(folder, 'out.html');
    const { code, err } = await vmsplit(`report --spec ${file('run.json', JSON.stringify(spec))} -o ${out}`);
    expect([code, err]).toEqual([0, '']);
    const { files } = inside(out);
    expect(Object.keys(files).sort()).toEqual([board, mmu, log].sort());
    expect(files[board]).toBe(readFileSync(board, 'utf8'));
    expect(files[log]).toContain('BIOS-e820');
  });

  it.each([
    ['from standard input', '-', (bytes: Buffer) => bytes],
    ['packed', 'packed', (bytes: Buffer) => gzipSync(bytes)],
    ['packed from standard input', '-', (bytes: Buffer) => gzipSync(bytes)],
  ])('takes a trace %s', async (_, name, pack) => {
    const trace = readFileSync(await recordedDrivers('--events 300'));
    const folder = temporaryFolder();
    const packed = join(folder, 'drivers.vmt.gz');
    writeFileSync(packed, pack(trace));
    const out = join(folder, 'out.html');
    const what = name === '-' ? '-' : packed;
    const { code, err } = await vmsplit(`report ${what} -o ${out}`, { stdin: pack(trace) });
    expect([code, err]).toEqual([0, '']);
    expect(Buffer.compare(inside(out).trace!, trace)).toBe(0);
  });

  it('goes to standard output for standard input', async () => {
    const stdin = readFileSync(await recordedDrivers('--events 300'));
    const { out, err } = await vmsplit('report -', { stdin });
    expect(out).toMatch(/^<!doctype html>/);
    expect(err).toContain('<stdout>: 300 events of <stdin>');
  });

  it('of a trace that is not whole is written, and the exit code says so', async () => {
    const trace = await recordedDrivers('--events 40000');
    writeFileSync(trace, readFileSync(trace).subarray(0, -500));
    const out = join(temporaryFolder(), 'out.html');
    const { code, err } = await vmsplit(`report ${trace} -o ${out}`);
    expect([code, existsSync(out)]).toEqual([1, true]);
    expect(err).toContain('incomplete');
  });
});

describe('what is wrong is told, and nothing is written', () => {
  it.each([
    ['a missing trace', 'report none.vmt', 'none.vmt: cannot be read: no such file'],
    ['the name of a workload', 'report drivers', 'did you mean workload:drivers?'],
    ['what is no trace', 'report package.json', 'package.json'],
    ['no events', 'report', 'report: found no events'],
    ['an unknown layout', 'report workload:drivers --layout 3g2g', '3g2g'],
    ['an option without effect', 'report workload:drivers --layout linux-x86_64 --vmalloc 1G', 'vmalloc'],
    ['a missing layout file', 'report workload:drivers --layout none.json', 'none.json'],
  ])('%s', async (_, line, message) => {
    const out = join(temporaryFolder(), 'out.html');
    const { code, err } = await vmsplit(`${line} -o ${out}`);
    expect([code, existsSync(out)]).toEqual([2, false]);
    expect(err).toContain(message);
  });
});

describe('files that are there already', () => {
  it('the trace itself is not replaced', async () => {
    const trace = await recordedDrivers('--events 300');
    const { code, err } = await vmsplit(`report ${trace} -o ${trace}`);
    expect(code).toBe(2);
    expect(err).toContain('is the input itself');
  });

  it('a name that nobody has chosen replaces pages only', async () => {
    const folder = temporaryFolder();
    const here = process.cwd();
    const output = join(folder, 'drivers.html');
    const line = 'report workload:drivers --events 100';
    process.chdir(folder);
    try {
      expect((await vmsplit(line)).code).toBe(0);
      expect((await vmsplit(line)).code).toBe(0);
      writeFileSync(output, 'my notes');
      const refused = await vmsplit(line);
      expect(refused.code).toBe(2);
      expect(refused.err).toContain('drivers.html: is there already, and is no page of vmsplit');
      expect(readFileSync(output, 'utf8')).toBe('my notes');
      expect((await vmsplit(`${line} -o drivers.html`)).code).toBe(0);
    } finally {
      process.chdir(here);
    }
  });

  it('behind a symbolic link are replaced, and the link stays', async () => {
    const folder = temporaryFolder();
    const [target, link] = [join(folder, 'target.html'), join(folder, 'link.html')];
    symlinkSync(target, link);
    await vmsplit(`report workload:drivers --events 100 -o ${link}`);
    expect(inside(target).spec.events).toMatchObject({ events: 100 });
    expect(readFileSync(link, 'utf8')).toBe(readFileSync(target, 'utf8'));
  });

  it('stay whole after Ctrl-C', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'out.html');
    writeFileSync(out, 'old');
    const interruption = new AbortController();
    interruption.abort(new Interrupted(130));
    const { code } = await vmsplit(`report workload:drivers -o ${out}`, { signal: interruption.signal });
    expect([code, readFileSync(out, 'utf8')]).toEqual([130, 'old']);
    expect(existsSync(`${out}.partial`)).toBe(false);
  });
});

it('--print-spec prints the run, and writes no page', async () => {
  const { out } = await vmsplit('report workload:drivers --layout 3g1g --print-spec');
  expect(JSON.parse(out)).toMatchObject({ lanes: [{ layout: '3g1g' }] });
});
