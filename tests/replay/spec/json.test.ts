/** Run specifications as JSON: both ways, and all that can be wrong with one, told at once. */
import { describe, expect, it } from 'vitest';
import { OutcomeDigest } from '../../../core/index.ts';
import { newLane, stepLane } from '../../../replay/index.ts';
import { nodeFiles } from '../../../replay/node/run-files.ts';
import {
  lanesOf,
  parseRunSpec,
  type RunSpec,
  runSpecFrom,
  runSpecToJson,
  SpecError,
  sourceOf,
} from '../../../replay/spec/index.ts';

const EVERYTHING: RunSpec = {
  events: { workload: 'drivers', seed: 7, events: 5000, options: { devices: 3 } },
  machine: { ram: 2 ** 31, reclaim: true, swap: 2 ** 28, stackLimit: 'unlimited', thp: 'always' },
  lanes: [
    { layout: 'linux-3g1g' },
    { layout: 'linux-3g1g', vmalloc: 2 ** 28, mmu: 'skylake,pcid=off' },
    { layout: 'board.json', memoryMap: 'board.iomem', reclaim: false, fromSnapshot: true, nrCpus: 16 },
  ],
  batchSize: 4096,
  firstDifferences: 3,
};

describe('a specification', () => {
  it.each<[string, RunSpec]>([
    ['with everything', EVERYTHING],
    ['of a trace', { events: { trace: 'a.vmt' }, machine: {}, lanes: [{ layout: '3g1g' }] }],
  ])('%s comes back from JSON as it was', (_, run) => {
    expect(parseRunSpec(JSON.stringify(runSpecToJson(run)))).toEqual(run);
    // It is plain data itself: workers get it as it is.
    expect(runSpecFrom(JSON.parse(JSON.stringify(run)))).toEqual(run);
    expect(structuredClone(run)).toEqual(run);
  });

  it('has sizes as people write them, and takes bytes too', () => {
    expect(runSpecToJson(EVERYTHING)).toMatchObject({
      version: 1,
      machine: { ram: '2G', swap: '256M', stackLimit: 'unlimited' },
      lanes: [{ layout: 'linux-3g1g' }, { vmalloc: '256M' }, { nrCpus: 16 }],
    });
    const { machine } = runSpecFrom({
      events: { trace: 'a' },
      machine: { ram: 1024 },
      lanes: [{ layout: 'a' }],
    });
    expect(machine).toEqual({ ram: 1024 });
  });

  it('decides what comes out', async () => {
    const run = parseRunSpec(
      '{ "events": { "workload": "drivers", "events": 2000 }, "lanes": [{ "layout": "3g1g", "cpus": 2 }] }',
    );
    const digest = async (): Promise<string> => {
      const events = await sourceOf(run, nodeFiles);
      const [lane] = await lanesOf(run, nodeFiles, events);
      let folded = newLane(lane!.layout, { ...lane!.options, name: lane!.name });
      for await (const batch of events.batches) folded = stepLane(folded, batch).lane;
      return folded.digest.toString();
    };
    expect(await digest()).toBe(await digest());
    expect(await digest()).not.toBe(new OutcomeDigest().toString());
  });
});

const minimal = (part: object) => ({ events: { trace: 'a.vmt' }, lanes: [{ layout: '3g1g' }], ...part });

describe('a fault', () => {
  it.each([
    ['no object', 3, '', 'an object in braces', /Write it so/],
    [
      'a later version',
      minimal({ version: 2 }),
      'version',
      '1, the version that this vmsplit knows',
      /Write it so/,
    ],
    ['no events', { lanes: [{ layout: 'a' }] }, 'events', 'a value', /Add the field/],
    [
      'neither trace nor workload',
      minimal({ events: {} }),
      'events',
      /either "trace": FILE or "workload"/,
      /so/,
    ],
    ['both', minimal({ events: { trace: 'a', workload: 'b' } }), 'events', /either "trace"/, /so/],
    [
      'a trace with a seed',
      minimal({ events: { trace: 'a', seed: 1 } }),
      'events',
      /no seed, events or options/,
      /so/,
    ],
    [
      'a seed too large',
      minimal({ events: { workload: 'a', seed: 2 ** 32 } }),
      'events.seed',
      /0 to 4294967295/,
      /so/,
    ],
    ['no lanes', minimal({ lanes: [] }), 'lanes', 'one lane at least', /so/],
    ['a lane by its name alone', minimal({ lanes: ['3g1g'] }), 'lanes.0', 'an object in braces', /so/],
    ['a lane without a layout', minimal({ lanes: [{}] }), 'lanes.0.layout', 'a value', /Add/],
    ['no size', minimal({ machine: { ram: 'much' } }), 'machine.ram', /a size such as 512M/, /so/],
    ['RAM of no bytes', minimal({ machine: { ram: 0 } }), 'machine.ram', /a size such as 512M/, /so/],
    ['a part of a byte', minimal({ machine: { ram: 1.5 } }), 'machine.ram', /a size such as 512M/, /so/],
    [
      'cpus as text',
      minimal({ machine: { cpus: '2' } }),
      'machine.cpus',
      /a whole number from 1 to 512/,
      /so/,
    ],
    ['a switch as text', minimal({ machine: { reclaim: 'on' } }), 'machine.reclaim', 'true or false', /so/],
    ['a name mistyped', minimal({ lane: [] }), 'lane', /one of version, events, /, /Did you mean lanes\?/],
    [
      'an option mistyped',
      minimal({ machine: { vmaloc: 1 } }),
      'machine.vmaloc',
      /one of ram/,
      /Did you mean vmalloc/,
    ],
    [
      'a flag for a key',
      minimal({ machine: { 'nr-cpus': 1 } }),
      'machine.nr-cpus',
      /one of/,
      /Did you mean nrCpus/,
    ],
    ['batches of nothing', minimal({ batchSize: 0 }), 'batchSize', 'a whole number from 1 to 1048576', /so/],
    ['batches too large', minimal({ batchSize: 2 ** 20 + 1 }), 'batchSize', /from 1 to 1048576/, /so/],
  ])('%s', (_, json, field, expected, remedy) => {
    const [fault, ...others] = faultsOf(json);
    expect(others).toEqual([]);
    expect(fault).toMatchObject({
      field,
      expected: expect.stringMatching(expected),
      remedy: expect.stringMatching(remedy),
    });
  });

  it('does not hide another', () => {
    const faults = faultsOf({ events: { seed: -1 }, lanes: [{ layout: 3, ram: 'x' }, 4], batchSize: 0 });
    expect(faults.map(({ field }) => field)).toEqual([
      'events.seed',
      'lanes.0.layout',
      'lanes.0.ram',
      'lanes.1',
      'batchSize',
    ]);
  });

  it('is told with its file, a line each; text that is no JSON too', () => {
    expect(() => runSpecFrom(minimal({ batchSize: 0, lanes: [] }), 'run.json')).toThrow(
      /^run\.json: lanes: found \[\], expected one lane at least\. Write it so\nrun\.json: batchSize: found 0, /,
    );
    expect(() => parseRunSpec('{', 'run.json')).toThrow(/^run\.json: found no JSON .*--print-spec/);
  });
});

function faultsOf(json: unknown) {
  try {
    runSpecFrom(json);
  } catch (error) {
    if (error instanceof SpecError) return error.faults;
    throw error;
  }
  throw new Error('nothing is wrong with it');
}
