/** replay and diff: results, exit codes, and what must not change them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../../replay/cli/terminal/failure.ts';
import { atDepth } from '../../support/depth.ts';
import { json, LACKEY, recordedDrivers, temporaryFolder, vmsplit } from './vmsplit.ts';

/** Fails for want of vmalloc space under 3G/1G within 20,000 events. */
const CROWDED = '--events 20000 --set plugNs=0 --set jobs=1000000000';

interface Lane {
  readonly name: string;
  readonly digest: string;
  readonly ramBytes: number;
  readonly allocations: Record<string, Record<string, number>>;
}

const lanesOf = (result: Record<string, unknown>): Lane[] => result.layouts as Lane[];

const recorded = (options = CROWDED) => recordedDrivers(options);

describe('replay', () => {
  it('takes one layout unless told otherwise, and 1 GiB of RAM', async () => {
    const file = await recorded();
    const { code, out, err } = await vmsplit(`replay ${file}`);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/linux-3g1g\n20,000 events +1\.0 GiB RAM/);
    expect(out).toMatch(new RegExp(`^reproduce: vmsplit replay ${file} --layout linux-3g1g --ram 1G$`, 'm'));
  });

  it('scales kernel objects for the lanes that ask for it', async () => {
    const lanes = 'linux-x86_64,linux-x86_64:scale-kernel-objects=32,linux-3g1g:scale-kernel-objects=32';
    const command = `replay workload:netrx --events 2500 --layouts ${lanes}`;
    const { layouts, reproduce } = json(await vmsplit(`${command} --json`));
    expect((layouts as { objectScale: number }[]).map(({ objectScale }) => objectScale)).toEqual([1, 2, 1]);
    expect(reproduce).toContain(lanes);
    expect((await vmsplit(command)).out).toMatch(
      /note: linux-x86_64 scale-kernel-objects=32 has kernel objects of 2/,
    );
  });

  it('has these keys in its JSON', async () => {
    const result = json(await vmsplit(`replay ${await recorded()} --layout 3g1g --layout 2g2g --json`));
    expect(Object.keys(result).sort()).toEqual(
      ['complete', 'differences', 'elapsedMs', 'events', 'layouts', 'lost', 'reproduce', 'trace'].sort(),
    );
    expect(lanesOf(result).map(({ name }) => name)).toEqual(['3g1g', '2g2g']);
    expect(Object.keys(lanesOf(result)[0]!)).toEqual(
      expect.arrayContaining([
        'digest',
        'simulatedNs',
        'allocations',
        'firstFailures',
        'memory',
        'tlb',
        'faults',
      ]),
    );
  });

  it('gives the same digest from a file, a packed one, a pipe and the workload itself, at any batch size', async () => {
    const file = await recorded();
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)));
    const runs = await Promise.all([
      vmsplit(`replay ${file} --json`),
      vmsplit(`replay ${file}.gz --json`),
      vmsplit(`replay ${file} --json --batch ${atDepth({ quick: 50, full: 1 })}`),
      vmsplit(`replay ${file} --json --batch 1000`),
      vmsplit('replay - --json', { stdin: readFileSync(file) }),
      vmsplit(`replay workload:drivers --json --seed 1 ${CROWDED}`),
    ]);
    const digests = runs.map((run) => lanesOf(json(run))[0]!.digest);
    expect(new Set(digests).size).toBe(1);
  });

  it('reads a trace that is packed with zstd', async () => {
    const [packed, made] = await Promise.all([
      vmsplit('replay tests/fixtures/packed/drivers-600.vmt.zst --json'),
      vmsplit('replay workload:drivers --events 600 --seed 1 --json'),
    ]);
    expect(lanesOf(json(packed))[0]!.digest).toBe(lanesOf(json(made))[0]!.digest);
  });

  it('boots the machine that is asked for', async () => {
    const file = await recorded();
    const failed = async (options: string): Promise<number> => {
      const [lane] = lanesOf(json(await vmsplit(`replay ${file} --json ${options}`)));
      return lane!.allocations.vmalloc!['vmalloc-space'] ?? 0;
    };
    expect(await failed('--ram 1G')).toBeGreaterThan(0);
    expect(await failed('--ram 1G --vmalloc 400M')).toBe(0);
    expect(await failed('--ram 512M')).toBe(0); // what RAM does not need of the kernel's GiB is vmalloc space
  });

  it('has as many cpus as the workload was made for', async () => {
    const file = await recorded('--events 3000 --set cpus=12');
    const digest = async (options: string): Promise<string> =>
      lanesOf(json(await vmsplit(`replay ${file} --json ${options}`)))[0]!.digest;
    expect(await digest('')).toBe(await digest('--cpus 12'));
    expect(await digest('')).not.toBe(await digest('--cpus 1')); // slabs hold more objects with more cpus
  });

  it('of a cut trace tells what is lost, with exit code 1', async () => {
    const file = await recorded('--events 40000');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, bytes.length - 1000));
    const { code, out, err } = await vmsplit(`replay ${file}`);
    expect([code, err]).toEqual([1, expect.stringMatching(/drivers\.vmt: incomplete: from byte/)]);
    expect(out).toMatch(/^32,768 events/m);
  });

  it('tells how far it came when interrupted', async () => {
    const interruption = new AbortController();
    setTimeout(() => interruption.abort(new Interrupted(130)), 100);
    const { code, out, err } = await vmsplit('replay workload:drivers --events 1000000000 --json', {
      signal: interruption.signal,
    });
    expect([code, err]).toEqual([130, 'vmsplit: interrupted\n']);
    expect(json({ out }).complete).toBe(false);
  });
});

describe('diff', () => {
  it('compares 3G/1G, 2G/2G and 64 bits of real kernels: exit code 1 when outcomes differ', async () => {
    const { code, out } = await vmsplit(`diff ${await recorded()} --json`);
    const result = json({ out });
    expect(code).toBe(1);
    expect(lanesOf(result).map(({ name }) => name)).toEqual(['linux-3g1g', 'linux-2g2g', 'linux-x86_64']);
    const { total, first } = result.differences as { total: number; first: { kind: string; why: string }[] };
    expect(total).toBeGreaterThan(0);
    expect(first[0]!).toMatchObject({
      kind: 'vmalloc',
      why: expect.stringMatching(/linux-3g1g: no hole of the vmalloc window is large enough/),
    });
  });

  it('exits with 0 when they do not: user space of a small program is the same everywhere', async () => {
    const file = join(temporaryFolder(), 'true.vmt');
    await vmsplit(`import ${LACKEY} -o ${file}`);
    const { code, out } = await vmsplit(`diff ${file} --layouts 3g1g,2g2g,x86_64`);
    expect(code).toBe(0);
    expect(out).toMatch(/nothing: every event came out the same/);
  });

  it('explains as many sorts of differences as asked for, and repeats itself on demand', async () => {
    const file = await recorded();
    const { out } = await vmsplit(`diff ${file} --layouts 3g1g,x86_64 --first 1 --ram 2G`);
    expect(out.match(/^ {2}event [\d,]+: vmalloc/gm)).toHaveLength(2); // among the failures, and the differences
    const [, again] = /^reproduce: vmsplit (.*)$/m.exec(out)!;
    expect(again).toBe(`diff ${file} --layouts 3g1g,x86_64 --ram 2G --first 1`);
    const settled = (text: string): string => text.replace(/replayed at.*/, '');
    expect(settled((await vmsplit(again!)).out)).toBe(settled(out));
  });
});
