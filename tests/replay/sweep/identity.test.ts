/** What a point is called by: all that its result depends on, and nothing else. */
import { describe, expect, it } from 'vitest';
import type { RunSpec } from '../../../replay/spec/index.ts';
import { canonicalJson, identityOf } from '../../../replay/sweep/identity.ts';
import { workload } from '../../../workloads/index.ts';

/** What is in a file; its name is not. */
const CONTENTS: Readonly<Record<string, string>> = {
  'a.vmt': '1111',
  'copy-of-a.vmt': '1111',
  'b.vmt': '2222',
  'board.json': '3333',
  'map.txt': '4444',
  'copy-of-map.txt': '4444',
  'copy-of-board.json': '3333',
  'copy-of-skylake.json': '5555',
  'skylake.json': '5555',
};
const DEVICES = workload('drivers').options.find(({ name }) => name === 'devices')!.default;
const files = { digest: async (path: string) => CONTENTS[path]! };
const hashOf = (run: RunSpec): Promise<string> => identityOf(run, files);

const WORKLOAD: RunSpec = {
  events: { workload: 'drivers', seed: 1, events: 1000 },
  machine: { ram: 2 ** 30 },
  lanes: [{ layout: 'linux-3g1g' }],
};
const TRACE: RunSpec = { ...WORKLOAD, events: { trace: 'a.vmt' } };
const lane = (part: Partial<RunSpec['lanes'][number]>): RunSpec => ({
  ...TRACE,
  machine: {},
  lanes: [{ layout: 'linux-3g1g', ...part }],
});

describe('the identity of a point', () => {
  it('does not change from version to version: kept results would be lost', async () => {
    expect(await hashOf(TRACE)).toMatchInlineSnapshot(
      `"2abe265aa370ffdf1f1b65821e62f0e0fc2e2ba8dabea7e51a36c50bf3729daf"`,
    );
    expect(await hashOf(WORKLOAD)).toMatchInlineSnapshot(
      `"7357416bcd66e24e0f3be076580abef2f0bbc44725fd7d3eb19c8f396c1ba862"`,
    );
  });

  it.each<[string, RunSpec, RunSpec]>([
    ['who says an option', TRACE, lane({ ram: 2 ** 30 })],
    ['the order of words', lane({ ram: 2 ** 30, cpus: 2 }), lane({ cpus: 2, ram: 2 ** 30 })],
    ['the name of a trace', TRACE, { ...TRACE, events: { trace: 'copy-of-a.vmt' } }],
    ['the name of a memory map', lane({ memoryMap: 'map.txt' }), lane({ memoryMap: 'copy-of-map.txt' })],
    ['the name of a layout', lane({ layout: 'board.json' }), lane({ layout: 'copy-of-board.json' })],
    ['the name of an MMU', lane({ mmu: 'skylake.json' }), lane({ mmu: 'copy-of-skylake.json' })],
    ['how events are cut', TRACE, { ...TRACE, batchSize: 7 }],
    [
      'what is as by default',
      WORKLOAD,
      { ...WORKLOAD, events: { workload: 'drivers', events: 1000, options: { devices: DEVICES } } },
    ],
  ])('is the same, whatever %s', async (_, one, other) => {
    expect(await hashOf(one)).toBe(await hashOf(other));
  });

  it('is another one for all else', async () => {
    const runs: RunSpec[] = [
      TRACE,
      { ...TRACE, events: { trace: 'b.vmt' } },
      WORKLOAD,
      { ...WORKLOAD, events: { workload: 'drivers', seed: 2, events: 1000 } },
      { ...WORKLOAD, events: { workload: 'drivers', seed: 1, events: 1001 } },
      { ...WORKLOAD, events: { workload: 'drivers', seed: 1, events: 1000, options: { devices: 3 } } },
      lane({ ram: 2 ** 30 + 4096 }),
      lane({ layout: 'linux-2g2g', ram: 2 ** 30 }),
      lane({ layout: 'board.json' }),
      lane({ memoryMap: 'map.txt' }),
      lane({ ram: 2 ** 30, mmu: 'skylake' }),
      lane({ ram: 2 ** 30, mmu: 'skylake.json' }),
      lane({ ram: 2 ** 30, swap: 0 }),
    ];
    const hashes = await Promise.all(runs.map(hashOf));
    expect(new Set(hashes).size).toBe(runs.length);
  });
});

describe('canonical JSON', () => {
  it('has its fields by name, at every depth, and lists as they are', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }, 'x'], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1},"x"]}');
  });
});
