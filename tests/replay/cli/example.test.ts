/** example: the list, an example told scene by scene, and what another machine makes of it. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../../workloads/index.ts';
import { json, temporaryFolder, vmsplit } from './vmsplit.ts';

interface Told {
  readonly events: readonly {
    readonly event: string;
    readonly story: string;
    readonly outcome: {
      readonly status: string;
      readonly touched?: { readonly address: string; readonly pfn: number | null };
    };
  }[];
}

describe('example', () => {
  it('lists the examples, each with its machine', async () => {
    const { code, out } = await vmsplit('example');
    expect(code).toBe(0);
    const rows = out
      .trim()
      .split('\n')
      .slice(1)
      .filter((row) => !row.startsWith(' '));
    expect(rows.map((row) => row.split(' ')[0])).toEqual(EXAMPLES.map(({ name }) => name));
    expect(out).toMatch(/^highmem-kmap +3g1g, 4\.0 GiB +4 GB of RAM/m);
    const listed = JSON.parse((await vmsplit('example --json')).out) as { name: string }[];
    expect(listed.map(({ name }) => name)).toEqual(EXAMPLES.map(({ name }) => name));
  });

  it('tells each scene, its events, and what became of them', async () => {
    const { code, out, err } = await vmsplit('example user-touches-kernel');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`
3. the program reads and writes the data of the kernel
   access(object 1, 8 B, read)
      privilege: user mode touched a kernel page (SIGSEGV): only a trap into the kernel may; at 0xc1004000, in page frame 0x1004 of a page of 4.0 MiB; error code 0x5: permissions violation, read by user mode
`);
    expect(out).toContain(`
4. a system call: the kernel does it for the program
   access(object 1, 8 B, kernel read)
      ok at 0xc1004000, in page frame 0x1004 of a page of 4.0 MiB; no page fault, the page was present; L1 TLB hit
`);
    expect(out).toMatch(/\nreproduce: vmsplit example user-touches-kernel --layout 3g1g --ram 512M\n$/);
  });

  it.each(EXAMPLES.map(({ name }) => name))('tells of each access of %s where it went', async (name) => {
    const { scenes } = json(await vmsplit(`example ${name} --json`)) as { scenes: Told[] };
    const accesses = scenes
      .flatMap(({ events }) => events)
      .filter(({ event }) => event.startsWith('access('));
    expect(accesses.length).toBeGreaterThan(0);
    for (const { story, outcome } of accesses.filter(({ outcome }) => outcome.status !== 'high-page')) {
      expect(story).toContain(`at ${outcome.touched!.address}`);
      if (outcome.status !== 'no-mapping')
        expect(story).toContain(`in page frame 0x${outcome.touched!.pfn!.toString(16)}`);
    }
  });

  it('an address means nothing without its process: the same one, two frames; and one that a process lacks', async () => {
    const { scenes } = json(await vmsplit('example context-switch --json')) as { scenes: Told[] };
    const told = (scene: number) => scenes[scene - 1]!.events.at(-1)!;
    const [one, two, again] = [told(2), told(4), told(7)].map(({ outcome }) => outcome.touched!);
    expect(two!.address).toBe(one!.address);
    expect(two!.pfn).not.toBe(one!.pfn);
    expect(again).toEqual(one);
    expect(told(8)).toMatchObject({ outcome: { status: 'no-mapping', touched: { pfn: null } } });
    expect(told(8).outcome.touched!.address).not.toBe(one!.address);
    expect(told(8).story).toMatch(/object 4 is of process 2; process 1 has nothing at that address; at 0x/);
  });

  it('a store through an entry that forbids it: the hit was of the entry before the fault', async () => {
    const { out } = await vmsplit('example libc-shared');
    expect(out).toMatch(
      /copied the shared page; L1 TLB hit, of the entry before the fault, which forbids stores;/,
    );
  });

  it('shortens scenes of many events', async () => {
    const { out } = await vmsplit('example vmalloc-16m');
    expect(out).toContain('   ... 62 more\n');
    expect(out.split('\n').length).toBeLessThan(50);
  });

  it('with another machine tells what comes out otherwise, with exit code 1', async () => {
    const { code, out } = await vmsplit('example highmem-kmap --layout x86_64');
    expect(code).toBe(1);
    expect(out.match(/otherwise than in the example: high-page/g)).toHaveLength(1);
    const result = json(await vmsplit('example highmem-kmap --layout x86_64 --json'));
    expect(Object.keys(result).sort()).toEqual(['example', 'layout', 'ram', 'reproduce', 'scenes']);
    const scenes = result.scenes as { becomes: string; events: { expected: boolean }[] }[];
    for (const { becomes, events } of scenes)
      for (const { expected } of events) expect(expected).toBe(becomes === 'ok');
  });

  it('is a workload for the other commands too', async () => {
    const file = join(temporaryFolder(), 'a.vmt');
    const recorded = await vmsplit(`record kmalloc-dma -o ${file}`);
    expect([recorded.code, recorded.err]).toEqual([0, '']);
    expect(recorded.out).toMatch(/10 events of kmalloc-dma/);
    const [fromFile, live] = await Promise.all(
      [file, 'workload:kmalloc-dma'].map(async (events) => {
        const { layouts } = json(await vmsplit(`replay ${events} --layout 3g1g --json`));
        return (layouts as { digest: string }[])[0]!.digest;
      }),
    );
    expect(live).toBe(fromFile);
  });
});
