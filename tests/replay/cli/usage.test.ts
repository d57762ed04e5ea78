/** Wrong use and bad input: one clear message, exit code 2, no stack trace, and no file created or harmed. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  [`import ${LACKEY} -o DIR/out.vmt --format lakey`, /unknown format 'lakey', expected one of: lackey/],
  ['import tests/fixtures/heap/sort-bad.ltrace.gz -o DIR/out.vmt', /line 3: found .*Record again: ltrace/],
  ['import', /expected the name of a file/],
  // Machines
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
  ['explain 0xc0000000 --event 3', /found no trace to count in, expected --trace/],
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
      'recover',
      'replay',
      'diff',
      'verify',
      'layouts',
      'explain',
      'at',
      'example',
      'demo',
    ]);
  });

  it('is there for every command, and every command speaks JSON', async () => {
    for (const command of commands) {
      const { code, out } = await vmsplit(`${command} --help`);
      expect([command, code, out]).toEqual([command, 0, expect.stringMatching(/--json/)]);
    }
  });

  it('tells the version in package.json', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect((await vmsplit('--version')).out).toBe(`${version}\n`);
  });
});
