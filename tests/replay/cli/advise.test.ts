/** vmsplit advise: from the files of a failing board to what failed, why, and what would cure it, replayed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { json, temporaryFolder, vmsplit } from './vmsplit.ts';

interface Report {
  readonly id: string;
  readonly log: readonly string[];
  readonly verdict: Readonly<Record<string, unknown>>;
}

const REPORTS = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/reports/reports.json'), 'utf8'),
) as Report[];

function fileOf(id: string, more: readonly string[] = []): string {
  const file = join(temporaryFolder(), 'dmesg.txt');
  const { log } = REPORTS.find((one) => one.id === id)!;
  writeFileSync(file, `${[...log, ...more].join('\n')}\n`);
  return file;
}

interface Cure {
  readonly name: string;
  readonly lane?: string;
}

const VMAP = 'i386-vmap-3.x';

describe('advise', () => {
  it.each(REPORTS.map(({ id, verdict }) => [id, verdict] as const))(
    'tells the verdict of %s',
    async (id, verdict) => {
      expect(json(await vmsplit(`advise ${fileOf(id)} --json`)).verdict).toMatchObject(verdict);
    },
  );

  it.each(REPORTS.map(({ id }) => id))('fits a screen of 80 columns: %s', async (id) => {
    const lines = (await vmsplit(`advise ${fileOf(id)}`)).out.split('\n');
    expect(
      Math.max(...lines.filter((line) => !/^ +(vmsplit|--layouts)/.test(line)).map(({ length }) => length)),
    ).toBeLessThanOrEqual(80);
    expect(lines.length).toBeLessThanOrEqual(48);
  });

  it('cures what it says it cures: diff of the state says the same', async () => {
    const file = fileOf(VMAP);
    const { cures, doesNotHelp, machine } = json(await vmsplit(`advise ${file} --json`)) as unknown as {
      cures: Cure[];
      doesNotHelp: Cure[];
      machine: { layout: string };
    };
    const cure = cures.find(({ name }) => name.startsWith('vmalloc='))!;
    const other = doesNotHelp.find(({ name }) => name.startsWith('linux-2g2g'))!;
    const state = join(temporaryFolder(), 'board.vmt');
    expect((await vmsplit(`advise ${file} -o ${state}`)).out).toMatch(
      /events: the state, and what failed in it/,
    );
    const { out } = await vmsplit(
      `diff ${state} --layouts ${machine.layout}:ram=3584M,${cure.lane},${other.lane}`,
    );
    const told = out.slice(out.indexOf('what differs and why'));
    expect(told).toMatch(/^ +linux-3g1g-pae: no hole of the vmalloc window/m);
    expect(told).toMatch(/^ +linux-3g1g-pae vmalloc=\d+M: ok at 0x/m);
    expect(told).toMatch(/^ +linux-2g2g-pae: no hole of the vmalloc window/m);
  });

  it('says what to bring where a file says too little, and how to get it', async () => {
    const { out } = await vmsplit(`advise ${fileOf(VMAP)}`);
    expect(out).toMatch(/bring +\/proc\/vmallocinfo.*\n? *.*sudo cat/);
    expect(out).toMatch(/bring +the log of the boot/);
  });

  it('names a file that is none of what is known', async () => {
    const file = join(temporaryFolder(), 'notes.txt');
    writeFileSync(file, 'buy milk\n');
    const { code, out } = await vmsplit(`advise ${file} ${fileOf(VMAP)}`);
    expect(code).toBe(0);
    expect(out).toContain('says nothing that is used here');
    expect(await vmsplit(`advise ${join(temporaryFolder(), 'none')}`)).toMatchObject({ code: 2 });
  });
});
