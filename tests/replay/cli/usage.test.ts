/** Wrong use and bad input: one clear message, exit code 2, no stack trace, and no file created or harmed. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { LACKEY, temporaryFolder, vmsplit } from './vmsplit.ts';

/** A mistake, and what the message has to say about it. */
type Row = readonly [line: string, message: RegExp];

const MISTAKES: readonly Row[] = [
  // Commands
  ['', /Usage: vmsplit/],
  ['recrod', /unknown command 'recrod'\n\(Did you mean record/],
  ['info', /missing required argument 'file'/],
  ['info a b', /too many arguments/],
  ['info a --jsn', /unknown option '--jsn'\n\(Did you mean --json/],
  // Workloads
  ['record', /expected the name of a workload/],
  ['record drivres -o DIR/out.vmt', /unknown workload 'drivres'; did you mean 'drivers'/],
  ['example kmap', /unknown example 'kmap'.*\(known: all-lowmem, highmem-kmap, /],
  ['example all-lowmem --layout 3g', /unknown layout '3g'/],
  ['record drivers -o DIR/out.vmt --events 0', /'0' is invalid.*from 1 to/],
  ['record drivers -o DIR/out.vmt --events 1.5', /'1.5' is invalid/],
  ['record drivers -o DIR/out.vmt --seed -1', /'-1' is invalid.*from 0 to 4294967295/],
  ['record drivers -o DIR/out.vmt --seed 4294967296', /from 0 to 4294967295/],
  ['record drivers -o DIR/out.vmt --batch 65537', /from 1 to 65536/],
  ['record drivers -o DIR/out.vmt --set devices', /expected name=value/],
  ['record drivers -o DIR/out.vmt --set device=1', /unknown option 'device'; did you mean 'devices'/],
  ['record drivers -o DIR/out.vmt --set devices=65', /devices: 65 is out of range, expected 1 to 64/],
  ['record drivers -o DIR/nowhere/out.vmt', /nowhere.*directory does not exist/],
  ['record drivers -o DIR', /found a directory, expected the name of a file/],
  ['replay drivers', /drivers: cannot be read: no such file, .*did you mean workload:drivers\?/],
  ['diff prefrok', /did you mean workload:prefork\?/],
  ['at workload:drivers meminfos', /found view 'meminfos', .*; did you mean meminfo\?/],
  // Files
  ['info DIR/nothing.vmt', /nothing\.vmt: cannot be read: no such file/],
  ['info DIR', /found a directory, expected a file/],
  [
    'info package.json',
    /package\.json: at byte 0: found .*expected the header of a \.vmt trace.*vmsplit import/,
  ],
  ['info -', /<stdin>: at byte 0: found an empty file/],
  ['replay DIR/nothing.vmt', /no such file/],
  ['import DIR/nothing.gz -o DIR/out.vmt', /no such file/],
  ['import package.json -o DIR/out.vmt', /no known format.*lackey/],
  [
    `import ${LACKEY} -o DIR/out.vmt --format lakey`,
    /unknown format 'lakey', expected one of: lackey.*; did you mean lackey\?/,
  ],
  ['import tests/fixtures/heap/sort-bad.ltrace.gz -o DIR/out.vmt', /line 3: found .*Record again: ltrace/],
  ['import', /expected the name of a file/],
  // Run specifications
  ['replay', /found no events, expected a trace, - for standard input, workload:NAME, or --spec FILE/],
  ['replay --spec DIR/nothing.json', /no such file/],
  ['replay --spec package.json', /package\.json: name: found a field that means nothing here/],
  ['replay a.vmt --spec package.json --ram 1G --first 3', /found a\.vmt, --ram, --first beside it/],
  // Machines
  ['at workload:drivers meminfo --layouts 3g1g,2g2g', /at: found 2 layouts \(3g1g,2g2g\), expected one/],
  ['example all-lowmem --layout 3g1g --layout 2g2g', /example: found 2 layouts/],
  ['layouts 3g1g,2g2g', /layouts: found 2 layouts/],
  ['layouts linux-3g1g:reclaim', /found reclaim, which changes nothing in a layout/],
  ['diff workload:drivers --vmalloc 256M', /linux-x86_64: vmalloc=256M has no effect/],
  ['explain 0xc0000000 --from-snapshot', /from-snapshot has no effect: there is no trace/],
  ['replay workload:drivers --ram 2G --memory-map package.json', /package\.json: memory map, line 1/],
  ['replay workload:drivers --layout 3g1gg', /unknown layout '3g1gg'; did you mean 3g1g/],
  ['replay workload:drivres', /unknown workload 'drivres'/],
  ['replay workload:drivers --ram 1X', /'1X' is invalid. Expected a size such as 512M/],
  ['replay workload:drivers --ram 1M', /1 MiB of RAM; expected 32 MiB to/],
  ['replay workload:drivers --ram 2T', /2 TiB of RAM.*give it less/],
  ['replay workload:drivers --cpus 0', /from 1 to 512/],
  ['replay workload:drivers --cpus 4 --nr-cpus 2', /4 cpus present; expected 1 to 2/],
  ['replay workload:drivers --vmalloc 1G', /vmalloc=1 GiB leaves no room/],
  ['replay workload:drivers --batch 0', /from 1 to 1048576/],
  ['diff workload:drivers --layouts 3g1g', /found one layout \(3g1g\), expected two or more/],
  [
    'diff workload:drivers --layouts 3g1g,3g1g',
    /found 3g1g twice \(the first and the second .*expected each once/,
  ],
  ['diff workload:drivers --layouts 3g1g,,2g2g', /found no layout, expected lanes with commas/],
  ['layouts linux-3g', /unknown layout 'linux-3g'; did you mean linux-3g1g/],
  ['layouts 3g1g --memory-map DIR/nothing', /nothing: no such file/],
  ['layouts 3g1g --memory-map package.json', /package\.json: memory map, line 1/],
  // Addresses
  ['explain', /found no address, expected one, or the number of an event/],
  ['explain here', /'here' is invalid.*0xc1234567/],
  ['explain 0xc0000000 --event 3', /--event: found no trace that it is about, expected --trace/],
  ['explain 0xc0000000 --seed 3', /--seed: found no trace that it is about, expected --trace/],
  ['explain 0xc0000000 --trace workload:nothing', /unknown workload 'nothing'/],
  ['explain 0x1000 --pid 7', /process 7: not alive.*there are none/],
];

describe('a mistake', () => {
  it.each(MISTAKES)('vmsplit %s', async (line, message) => {
    const folder = temporaryFolder();
    const { code, out, err } = await vmsplit(line.replaceAll('DIR', folder));
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at .*:\d+:\d+|this is a bug/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('harms no file that is there already', async () => {
    const folder = temporaryFolder();
    const kept = join(folder, 'kept.vmt');
    writeFileSync(kept, 'mine');
    const cut = join(folder, 'cut.gz');
    writeFileSync(cut, readFileSync(LACKEY).subarray(0, 60_000));
    for (const line of [`record drivers --set devices=0 -o ${kept}`, `import ${cut} -o ${kept}`]) {
      expect((await vmsplit(line)).code).toBe(2);
    }
    expect(readFileSync(kept, 'utf8')).toBe('mine');
    expect(readdirSync(folder).sort()).toEqual(['cut.gz', 'kept.vmt']);
  });

  it('is to import a file over itself', async () => {
    const copy = join(temporaryFolder(), 'trace.gz');
    writeFileSync(copy, readFileSync(LACKEY));
    const { code, err } = await vmsplit(`import ${copy} -o ${copy}`);
    expect([code, err]).toEqual([2, expect.stringMatching(/is the input itself/)]);
    expect(readFileSync(copy)).toEqual(readFileSync(LACKEY));
  });

  it('is to seed what is recorded already', async () => {
    const trace = join(temporaryFolder(), 'a.vmt');
    await vmsplit(`record drivers --events 10 -o ${trace}`);
    for (const option of ['--seed 1', '--events 5', '--set devices=1']) {
      const { code, err } = await vmsplit(`replay ${trace} ${option}`);
      expect([code, err]).toEqual([2, expect.stringMatching(/with workload:NAME only/)]);
    }
  });

  it('is to read a trace from a terminal or write one to it', async () => {
    const reading = await vmsplit('info -', { terminal: ['stdin'] });
    expect([reading.code, reading.err]).toEqual([2, expect.stringMatching(/<stdin>: found a terminal/)]);
    const writing = await vmsplit('record drivers -o -', { terminal: ['stdout'] });
    expect([writing.code, writing.err]).toEqual([2, expect.stringMatching(/<stdout>: found a terminal/)]);
  });
});

describe('standard input', () => {
  const BOARD = readFileSync('tests/fixtures/layouts/board.json');
  const IOMEM = Buffer.from('00001000-0009fbff : System RAM\n00100000-1ffdffff : System RAM\n');
  const RUN = Buffer.from(
    '{ "events": { "workload": "drivers", "events": 1000 }, "lanes": [{ "layout": "3g1g" }, { "layout": "2g2g" }] }',
  );

  it.each([
    ['a layout', 'explain 0xa0000010 --layout -', BOARD, /under board/],
    ['a layout to show', 'layouts -', BOARD, /^board: A 32-bit board/],
    ['a layout packed with gzip', 'layouts -', gzipSync(BOARD), /^board: A 32-bit board/],
    ['a memory map', 'layouts linux-3g1g --memory-map - --json', IOMEM, /"maxPfn": 131040/],
    ['settings of an MMU', 'explain 0xc0000000 --mmu -', Buffer.from('{ "preset": "p6" }'), /kernel logical/],
    ['a run specification', 'diff --spec -', RUN, /3g1g +2g2g[\s\S]*reproduce: vmsplit diff --spec -$/m],
  ])('is where %s comes from', async (_, line, stdin, text) => {
    const { code, out, err } = await vmsplit(line, { stdin });
    expect([code, err]).toEqual([0, expect.not.stringMatching(/vmsplit:/)]);
    expect(out).toMatch(text);
  });

  it('is a snapshot beside a trace to import', async () => {
    const stdin = readFileSync('tests/fixtures/kernel/buddy/snaps.txt.gz');
    const line = `import tests/fixtures/kernel/buddy/trace.txt.gz -o ${join(temporaryFolder(), 'a.vmt')} --snapshot -`;
    expect(await vmsplit(line, { stdin })).toMatchObject({ code: 0 });
  });

  it('is read once for all layouts that it is for', async () => {
    const line = 'diff workload:drivers --events 1000 --layouts linux-3g1g,linux-2g2g --memory-map -';
    expect(await vmsplit(line, { stdin: IOMEM })).toMatchObject({ code: 0, err: '' });
  });

  it.each([
    ['layouts - --memory-map -', IOMEM],
    ['explain 0xc0000000 --memory-map - --mmu -', IOMEM],
    ['replay - --spec -', RUN],
  ])('can be named once: vmsplit %s', async (line, stdin) => {
    const { code, err } = await vmsplit(line, { stdin });
    expect([code, err]).toEqual([2, expect.stringMatching(/<stdin>: named twice|found - beside it/)]);
  });
});

describe('data that has to be unpacked first', () => {
  const PERF = Buffer.from('PERFILE2\0\0\0\0');
  const TRACE_DAT = Buffer.concat([Buffer.of(0x17, 0x08, 0x44), Buffer.from('tracing6')]);
  const XZ = Buffer.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4);
  const ZSTD = Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0);

  it.each([
    ['import', PERF, /perf record, expected text.*Run `perf script -i FILE \| vmsplit import -`/],
    ['import', TRACE_DAT, /trace-cmd record, .*`trace-cmd report -i FILE \| vmsplit import -`/],
    ['import', XZ, /packed with xz, .*`xz -dc FILE \| vmsplit import -`/],
    ['import', ZSTD, /the end of the file within its zstd data/],
    ['replay', PERF, /perf record, expected the header .*`perf script -i FILE \| vmsplit import -`/],
    ['replay', TRACE_DAT, /`trace-cmd report -i FILE \| vmsplit import -`/],
    ['replay', XZ, /`xz -dc FILE \| vmsplit replay -`/],
    ['info', XZ, /packed with xz, expected the header .*`xz -dc FILE \| vmsplit replay -`/],
    ['layouts', ZSTD, /packed with zstd, expected a layout as JSON.*`zstd -dc FILE`/],
    ['layouts 3g1g --memory-map', XZ, /packed with xz, expected a memory map.*`xz -dc FILE`/],
  ])('says so to %s', async (command, bytes, message) => {
    const file = join(temporaryFolder(), 'data.json');
    writeFileSync(file, bytes);
    const output = command === 'import' ? ` -o ${file}.vmt` : '';
    const { code, err } = await vmsplit(`${command} ${file}${output}`);
    expect([code, err.replaceAll(file, 'FILE')]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('help', () => {
  let commands: string[];
  beforeAll(async () => {
    const { out } = await vmsplit('--help');
    commands = [...out.matchAll(/^ {2}([a-z]+) .*\[options\]/gm)].map(([, name]) => name!);
  });

  it('is a result: on stdout, exit code 0, with the exit codes in it', async () => {
    const { code, out, err } = await vmsplit('--help');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/Exit codes: 0 fine; 1 .* 2 wrong use/);
    expect(commands).toEqual([
      'record',
      'import',
      'info',
      'events',
      'timeline',
      'check',
      'stats',
      'export',
      'slice',
      'merge',
      'filter',
      'recover',
      'replay',
      'diff',
      'report',
      'view',
      'sweep',
      'worker',
      'fit',
      'verify',
      'layouts',
      'explain',
      'at',
      'capture',
      'advise',
      'example',
      'quiz',
      'demo',
    ]);
  });

  it('is there for every command, and every command speaks JSON', async () => {
    for (const command of commands) {
      const { code, out } = await vmsplit(`${command} --help`);
      expect([command, code, out]).toEqual([command, 0, expect.stringMatching(/--json|"ndjson"/)]);
    }
  });

  it.each(['help diff', 'diff --help', 'diff -h', 'help'])('%s is no mistake', async (line) => {
    const { code, out, err } = await vmsplit(line);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(line === 'help' ? /^Usage: vmsplit \[options\]/ : /^Usage: vmsplit diff /);
  });

  it.each(['--version', '-v'])('%s tells the version in package.json', async (line) => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(await vmsplit(line)).toMatchObject({ code: 0, out: `${version}\n` });
  });

  it('does not list all layouts when one is mistyped', async () => {
    const { err } = await vmsplit('layouts linux-3g1h');
    expect(err).toBe(
      "vmsplit: unknown layout 'linux-3g1h'; did you mean linux-3g1g? (all of them: `vmsplit layouts`, or layoutNames())\n",
    );
  });
});
