/** Jobs as data: what a number depends on, and what is refused. */
import { expect, it } from 'vitest';
import {
  exactDigest,
  jobFor,
  jobFrom,
  jobNumber,
  jobToJson,
  outcomeFrom,
  outcomeToText,
  versionOf,
} from '../../../../replay/node/fleet/job.ts';
import { filesOf } from '../../../../replay/node/job-files.ts';
import { nodeFiles } from '../../../../replay/node/run-files.ts';
import { carryOut } from '../../../../replay/run/carry-out.ts';
import type { RunSpec } from '../../../../replay/spec/index.ts';

const RUN: RunSpec = {
  events: { workload: 'drivers', events: 50 },
  machine: { memoryMap: 'tests/fixtures/memory-map/i386-3g-pae_4096.dmesg.gz' },
  lanes: [{ layout: 'tests/fixtures/layouts/board.json' }],
};
const TRACED: RunSpec = {
  events: { trace: 'tests/fixtures/packed/drivers-600.vmt.zst' },
  machine: {},
  lanes: [{ layout: '3g1g' }],
};

it('brings the texts and the digests of traces, and comes through JSON the same', async () => {
  const job = await jobFor('v/1', [RUN, TRACED], nodeFiles);
  expect(Object.keys(job.texts)).toEqual([RUN.machine.memoryMap, RUN.lanes[0]!.layout]);
  expect(job.traces[(TRACED.events as { trace: string }).trace]).toMatch(/^[0-9a-f]{64}$/);
  const again = jobFrom(JSON.parse(JSON.stringify(jobToJson(job))));
  expect(jobNumber(again)).toBe(jobNumber(job));
  expect(jobNumber({ ...job, version: versionOf('other') })).not.toBe(jobNumber(job));
  expect(jobNumber({ ...job, texts: {} })).not.toBe(jobNumber(job));
});

it.each([
  [null, /found no run specifications/],
  [{ version: 1, runs: [] }, /found no run specifications/],
  [{ version: 'v', runs: [{ events: 1 }] }, /a job of the queue/],
  [{ version: 'v', runs: [], traces: { a: 'b' } }, /found "b" for a, expected 64/],
  [{ version: 'v', runs: [], texts: { a: 1 } }, /found 1 for a/],
])('%j is none', (json, message) => {
  expect(() => jobFrom(json)).toThrow(message);
});

it('opens nothing but what it brings', async () => {
  const files = filesOf({ texts: { a: 'text' }, traces: {} });
  expect(await files.text('a', 'a text')).toBe('text');
  await expect(files.text('/etc/passwd', 'a text')).rejects.toThrow(/does not bring/);
  await expect(files.trace('constructor')).rejects.toThrow(/does not bring/);
});

it('an outcome comes through text the same; wall times are no part of its digest', async () => {
  const result = await carryOut({ ...RUN, machine: {}, lanes: [{ layout: '3g1g' }] }, nodeFiles);
  const outcome = { results: [result, undefined] };
  expect(await outcomeFrom(await outcomeToText(outcome), 2)).toEqual(outcome);
  expect(exactDigest({ results: [{ ...result, elapsedMs: 1 }, undefined] })).toBe(exactDigest(outcome));
  expect(exactDigest({ results: [{ ...result, events: 1 }, undefined] })).not.toBe(exactDigest(outcome));
  await expect(outcomeFrom(await outcomeToText(outcome), 1)).rejects.toThrow(/found no results of 1 runs/);
  const refused = { refused: 'too small' };
  expect(await outcomeFrom(await outcomeToText(refused), 3)).toEqual(refused);
});
