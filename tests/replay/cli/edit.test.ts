/** slice and merge: traces made of traces, and what is refused. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { json, recordedDrivers, temporaryFolder, vmsplit } from './vmsplit.ts';

interface Replayed {
  readonly events: number;
  readonly layouts: readonly { readonly failures: number }[];
}

const replayed = async (file: string): Promise<Replayed> =>
  json(await vmsplit(`replay ${file} --json --ram 4G`)) as unknown as Replayed;

describe('slice', () => {
  it('is a trace that replays as that part did, and says what it is', async () => {
    const file = join(temporaryFolder(), 'part.vmt');
    const line = `slice workload:prefork --events 9000 --from 4000 --to 7000 -o ${file}`;
    const { code, out } = await vmsplit(line);
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        /: 3,000 events after \d+ that make what they need, .*\nreproduce: vmsplit slice workload/,
      ),
    ]);
    const info = json(await vmsplit(`info ${file} --json --verify`));
    expect(info).toMatchObject({
      complete: true,
      notes: { cpus: 2 },
      header: { parameters: { sliceOf: 'prefork, seed 1', from: 4000, to: 7000 } },
    });
    const { events, layouts } = await replayed(file);
    expect([events, layouts[0]!.failures]).toEqual([info.events, 0]);
  });

  it('goes to the end, from pipes and to pipes', async () => {
    const trace = readFileSync(await recordedDrivers('--events 5000'));
    const { code, bytes, err } = await vmsplit('slice - --from 1000 -o -', { stdin: trace });
    expect([code, err]).toEqual([0, expect.stringContaining('<stdout>: 4,000 events after')]);
    expect(json(await vmsplit('info - --json', { stdin: bytes }))).toMatchObject({ complete: true });
  });

  it('of a cut trace is a part as well, unless it ends before', async () => {
    const whole = readFileSync(await recordedDrivers('--events 40000'));
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'cut.vmt'), whole.subarray(0, whole.length - 1000));
    const slice = async (options: string) => {
      await vmsplit(`slice ${folder}/cut.vmt ${options} -o ${folder}/part.vmt`);
      return json(await vmsplit(`info ${folder}/part.vmt --json`)).complete;
    };
    expect([await slice('--from 100'), await slice('--from 100 --to 200')]).toEqual([false, true]);
  });

  it.each([
    ['--from 9 --to 9 -o x', /found --from 9 and --to 9, expected the first to be less/],
    ['--from 100 -o x', /drivers, seed 1: found --from 100, expected less than its 100 events/],
    ['--from 1', /required option '-o, --output <file>' not specified/],
    ['--process one -o x', /--process: found 'one', expected whole numbers/],
  ])('%s: is wrong use, exit code 2', async (options, message) => {
    const { code, err } = await vmsplit(`slice workload:drivers --events 100 ${options}`);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('merge', () => {
  it.each([
    ['', 4],
    ['--append', 2],
  ])('%s has all events and fails in none that does not fail alone', async (options, cpus) => {
    const folder = temporaryFolder();
    await vmsplit(`record prefork --events 4000 -o ${folder}/a.vmt`);
    await vmsplit(`record drivers --events 3000 -o ${folder}/b.vmt`);
    const { code, out } = await vmsplit(
      `merge ${folder}/a.vmt ${folder}/b.vmt ${options} -o ${folder}/ab.vmt`,
    );
    expect([code, out]).toEqual([0, expect.stringMatching(/ab\.vmt: 7,000 events, /)]);
    const { events, layouts } = await replayed(`${folder}/ab.vmt`);
    expect([events, layouts[0]!.failures]).toEqual([7000, 0]);
    expect(json(await vmsplit(`info ${folder}/ab.vmt --json`)).notes).toEqual({ cpus });
  });

  it.each([
    ['workload:drivers -o x', /merge: found one trace \(workload:drivers\), expected two or more/],
    ['a.vmt b.vmt --seed 3 -o x', /--seed: found no workload:NAME/],
    ['workload:drivers workload:driver -o x', /driver/],
  ])('%s: is wrong use, exit code 2', async (options, message) => {
    const { code, err } = await vmsplit(`merge ${options}`);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  });
});
