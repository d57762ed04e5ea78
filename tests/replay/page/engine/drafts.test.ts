/** Lanes and workloads as forms: what is wrong is said beside its field, and what is right becomes the run. */
import { describe, expect, it } from 'vitest';
import type { LaneDraft } from '../../../../replay/page/engine/lane-drafts.ts';
import type { Session } from '../../../../replay/page/engine/session.ts';
import { MACHINE_OPTIONS, parseLanes } from '../../../../replay/spec/index.ts';
import { dropped, droppedText, idleSession, listener } from './dropped.ts';
import { driversRun } from './opened.ts';

async function opened(...layouts: readonly string[]): Promise<Session> {
  const session = idleSession();
  await session.open(driversRun(2000, ...layouts), listener());
  return session;
}

const draft = (layout: string, settings: LaneDraft['settings'] = {}): LaneDraft => ({ layout, settings });

describe('lanes', () => {
  it('come with all that holds for them, and go back to the same run', async () => {
    const session = await opened('linux-3g1g', 'linux-2g2g');
    const drafts = await session.lanes();
    expect(drafts).toEqual([draft('linux-3g1g', { ram: '1G' }), draft('linux-2g2g', { ram: '1G' })]);
    const { run, faults } = await session.checkLanes(drafts, true);
    expect(faults).toEqual([]);
    expect(JSON.parse(run!.spec)).toMatchObject({
      machine: { ram: '1G' },
      lanes: [{ layout: 'linux-3g1g' }, { layout: 'linux-2g2g' }],
    });
  });

  it('say as one what they have in common', async () => {
    const session = await opened('linux-3g1g');
    const given = [draft('linux-3g1g', { ram: '2G', vmalloc: '256M' }), draft('linux-2g2g', { ram: '2G' })];
    const { run, text } = await session.checkLanes(given, false);
    expect(text).toBe('linux-3g1g:ram=2G:vmalloc=256M,linux-2g2g:ram=2G');
    expect(JSON.parse(run!.spec)).toMatchObject({
      machine: { ram: '2G' },
      lanes: [{ layout: 'linux-3g1g', vmalloc: '256M' }, { layout: 'linux-2g2g' }],
    });
    const facts = await session.open(run!, listener());
    expect(facts.lanes.map(({ name }) => name)).toEqual(['linux-3g1g vmalloc=256M', 'linux-2g2g']);
  });

  it('are the same as text', async () => {
    const session = await opened('linux-3g1g');
    const text = 'linux-3g1g:reclaim,linux-x86_64:thp=always:mmu=skylake+kpti=on';
    const checked = await session.checkLanes(text, false);
    expect(checked).toMatchObject({ text, faults: [] });
    expect(checked.drafts[1]).toEqual(draft('linux-x86_64', { mmu: 'skylake,kpti=on', thp: 'always' }));
    expect((await session.checkLanes(checked.drafts, false)).text).toBe(text);
  });

  it.each<[string, LaneDraft[] | string, number | undefined, string | undefined, RegExp]>([
    [
      'a size that is none',
      [draft('linux-3g1g', { ram: 'much' })],
      0,
      'ram',
      /^found 'much', expected a size/,
    ],
    ['an option without effect', [draft('linux-x86_64', { vmalloc: '256M' })], 0, 'vmalloc', /has no effect/],
    ['settings of no MMU', [draft('linux-3g1g', { mmu: 'skylark' })], 0, 'mmu', /did you mean skylake/],
    ['an unknown layout', [draft('linux-3g2g')], 0, 'layout', /linux-3g1g/],
    [
      'twins',
      [draft('linux-3g1g'), draft('linux-3g1g', { ram: '1G' })],
      undefined,
      undefined,
      /are the same/,
    ],
    ['more RAM than can be', [draft('linux-3g1g'), draft('linux-3g1g', { ram: '1K' })], 1, undefined, /RAM/i],
    ['a text', 'linux-3g1g:vmaloc=3M', undefined, undefined, /did you mean vmalloc/],
    ['no layout', '', undefined, undefined, /found no layout/],
    [
      'a snapshot that is not there',
      [draft('linux-3g1g', { 'from-snapshot': 'on' })],
      0,
      undefined,
      /no snapshot/,
    ],
  ])('are refused beside the field: %s', async (_, given, lane, field, message) => {
    const { run, faults } = await (await opened('linux-3g1g')).checkLanes(given, true);
    expect(run).toBeUndefined();
    expect(faults).toEqual([{ lane, field, message: expect.stringMatching(message) }]);
  });

  it('keep the texts of the run: a machine of a log stays one', async () => {
    const session = idleSession();
    const log = 'BIOS-e820: [mem 0x0000000000000000-0x000000003fffffff] usable\n';
    const spec = JSON.stringify({
      events: { workload: 'drivers', events: 100 },
      lanes: [{ layout: 'linux-3g1g', memoryMap: 'dmesg.txt' }],
    });
    await session.open({ spec, files: { 'dmesg.txt': log } }, listener());
    const [own] = await session.lanes();
    const other = draft('linux-2g2g', own!.settings);
    const { run } = await session.checkLanes([own!, other], true);
    expect((await session.open(run!, listener())).lanes).toHaveLength(2);
  });

  it('may be of a layout that is dropped: beside those that are open, or in a workload', async () => {
    const file = dropped('tests/fixtures/layouts/board.json');
    for (const session of [await opened('linux-3g1g'), idleSession()]) {
      const brought = await session.bring([file], listener());
      if (brought.what !== 'lanes') return expect.fail('no lanes');
      const { lanes } = await session.open(brought.run, listener());
      expect(lanes.map(({ layout }) => layout)).toEqual(['linux-3g1g', 'board']);
      const again = await session.bring([file], listener());
      expect(again).toMatchObject({ what: 'lanes', run: { spec: brought.run.spec } });
    }
    const damaged = droppedText('mine.json', '{ "name": 3 }');
    await expect(idleSession().bring([damaged], listener())).rejects.toThrow(
      /^mine\.json: \d+ faults in the layout\n {2}name: found 3/,
    );
  });

  it('know every option of a machine', async () => {
    const { options } = await idleSession().catalog();
    expect(options.map(({ flag }) => flag)).toEqual(MACHINE_OPTIONS.map(({ flag }) => flag));
    for (const { flag, choices = [], suggestions } of options)
      for (const value of [...choices, ...suggestions])
        expect(parseLanes(`linux-3g1g:${flag}=${value}`, '')).toHaveLength(1);
  });
});

describe('a workload', () => {
  const given = { workload: 'drivers', seed: '', events: '', options: {} };

  it('is as by default where nothing is filled in', async () => {
    const { run } = await idleSession().checkWorkload(given);
    expect(JSON.parse(run!.spec)).toMatchObject({ events: { workload: 'drivers' }, machine: { ram: '1G' } });
    expect(JSON.parse(run!.spec).events).toEqual({ workload: 'drivers' });
  });

  it('takes what --set takes', async () => {
    const { workloads } = await idleSession().catalog();
    const bytes = workloads
      .find(({ name }) => name === 'kvstore')!
      .options.find(({ unit, max }) => unit === 'bytes' && max >= 2 ** 20)!;
    const draft = {
      ...given,
      workload: 'kvstore',
      seed: '7',
      events: '1000',
      options: { [bytes.name]: '4M' },
    };
    const { run, faults } = await idleSession().checkWorkload(draft);
    expect(faults).toEqual({});
    expect(JSON.parse(run!.spec).events).toEqual({
      ...{ workload: 'kvstore', seed: 7, events: 1000 },
      options: { [bytes.name]: 2 ** 22 },
    });
  });

  it('is refused field by field', async () => {
    const options = { cpus: '65', drain: 'yes' };
    const { run, faults } = await idleSession().checkWorkload({ ...given, seed: '-1', events: '0', options });
    expect(run).toBeUndefined();
    expect(faults).toEqual({
      seed: "found '-1', expected a whole number from 0 to 4294967295",
      events: expect.stringMatching(/^found '0', expected a whole number from 1/),
      cpus: '65 is out of range, expected 1 to 64 whole cpus',
      drain: "'yes' is not a number of (0 or 1)",
    });
  });
});
