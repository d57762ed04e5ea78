/** vmsplit verify process, filter, and import of what belongs together: exit codes, JSON, mistakes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { json, temporaryFolder, vmsplit } from './vmsplit.ts';

const FOLDER = 'tests/fixtures/userspace';

describe('verify process', () => {
  test('a table with a line for each program, what is apart, and 0 where all agree', async () => {
    const { code, out, err } = await vmsplit(`verify process ${FOLDER}/threads ${FOLDER}/hugepage`);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^threads +fault-trace +135 of 135 +1,418 of 1,418 /m);
    expect(out).toMatch(/^all +524 of 524 /m);
    expect(out).toMatch(/^agrees: every program at 90 % or above$/m);
    expect(out).toMatch(/^reproduce: vmsplit verify process \S+threads \S+hugepage --at-least 90$/m);
  });

  test('1 where one does not, by as much as is asked for', async () => {
    const { code, out } = await vmsplit(`verify process ${FOLDER}/true --at-least 99`);
    expect(code).toBe(1);
    expect(out).toMatch(/^disagrees: below 99 %: true$/m);
    expect((await vmsplit(`verify process ${FOLDER}/true`)).code).toBe(0);
  });

  test('another layout than the recording was made under, against what it really did', async () => {
    const line = `verify process ${FOLDER}/mmapread --truth ${FOLDER}/mmapread-legacy --legacy-va-layout --json`;
    const { programs } = json(await vmsplit(line)) as { programs: Record<string, unknown>[] };
    expect(programs).toHaveLength(1);
    expect(programs[0]).toMatchObject({
      program: 'mmapread',
      mapsLines: 90,
      mapsRight: 90,
      faults: 300,
      rssKb: 34_712,
      pteKb: 248,
      pteKbPredicted: 248,
    });
    for (const name of ['faultsPredicted', 'rssKbPredicted'])
      expect(programs[0]![name]).toEqual(expect.any(Number));
  });

  test('the truth tells which way its mappings go, unless a layout is given', async () => {
    const line = `verify process ${FOLDER}/mmapread --truth ${FOLDER}/mmapread-legacy`;
    const told = await vmsplit(`${line} --json`);
    expect(told.code).toBe(0);
    expect(json(told).programs).toMatchObject([{ mapsLines: 90, mapsRight: 90 }]);
    const given = await vmsplit(`${line} --layout linux-x86_64 --json`);
    expect(given.code).toBe(1);
    expect(json(given).programs).toMatchObject([{ mapsLines: 90, mapsRight: 24 }]);
  });

  test.each([
    ['verify process DIR', /found no capture of a program, expected a file of a program capture/],
    [`verify process ${FOLDER}/true --snapshot x`, /--snapshot is of verify kernel/],
    [
      `verify kernel tests/fixtures/kernel/buddy/trace.txt.gz --truth x`,
      /found truth, which is of verify process/,
    ],
    [
      `verify kernel tests/fixtures/kernel/buddy/trace.txt.gz --thp always`,
      /found thp, which is of verify process/,
    ],
  ])('vmsplit %s', async (line, message) => {
    const { code, err } = await vmsplit(line.replaceAll('DIR', temporaryFolder()));
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

describe('import', () => {
  test('a folder, or its files in any order, are one run', async () => {
    const [one, other] = [join(temporaryFolder(), 'a.vmt'), join(temporaryFolder(), 'b.vmt')];
    const files = ['strace', 'segments', 'lackey-pages'].map((name) => `${FOLDER}/true/${name}.gz`);
    const folder = json(await vmsplit(`import ${FOLDER}/true -o ${one} --json`));
    const separate = json(await vmsplit(`import ${files.join(' ')} -o ${other} --json`));
    expect(folder).toMatchObject({ format: 'lackey', processes: 1, warnings: [] });
    expect(separate.events).toBe(folder.events);
  });

  test('what is missing to predict faults is said', async () => {
    const files = `${FOLDER}/true/lackey-pages.gz ${FOLDER}/true/segments.gz`;
    const { err } = await vmsplit(`import ${files} -o ${join(temporaryFolder(), 'a.vmt')}`);
    expect(err).toMatch(/no strace of the same program/);
    const layout = `${FOLDER}/true/segments.gz`;
    const alone = await vmsplit(
      `import ${FOLDER}/true/strace.gz ${layout} -o ${join(temporaryFolder(), 'b.vmt')}`,
    );
    expect(alone.out).toMatch(/^references: none, for a strace does not tell which pages a program touches/m);
    expect(alone.err).toContain(`${layout}: left out`);
    const { code, err: refused } = await vmsplit(`import ${layout} ${layout} -o -`);
    expect(code).toBe(2);
    expect(refused).toMatch(/expected what decides page faults: a lackey trace with system calls/);
  });
});

test('filter keeps the first reference of a page between two calls, and tells how much', async () => {
  const [file, output] = ['all', 'some'].map((name) => join(temporaryFolder(), name)) as [string, string];
  writeFileSync(
    file,
    ' L 1000,8\n L 1008,8\nSYSCALL[1,1](39) sys_getpid ()[sync] --> Success(0x1)\n L 1000,8\n',
  );
  const { out } = await vmsplit(`filter ${file}`);
  expect(out).toBe(' L 1000,8\nSYSCALL[1,1](39) sys_getpid ()[sync] --> Success(0x1)\n L 1000,8\n');
  expect(json(await vmsplit(`filter ${file} -o ${output} --json`))).toMatchObject({ lines: 4, kept: 3 });
});
