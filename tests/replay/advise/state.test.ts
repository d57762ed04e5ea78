/** The state of a report as events: the recorded machine, brought there, refuses what it refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../../core/event/batch.ts';
import { GFP_HIGHUSER } from '../../../core/event/gfp.ts';
import { EVENT_KINDS } from '../../../core/event/kinds.ts';
import { fold } from '../../../core/fold/fold.ts';
import { Draft } from '../../../core/machine/draft.ts';
import { STATUSES } from '../../../core/outcome/outcome.ts';
import { nrFree } from '../../../core/phys/free-lists.ts';
import { drainAllPcps } from '../../../core/phys/pcp.ts';
import { findings, recognise, together } from '../../../replay/advise/index.ts';
import { Filling, type Step } from '../../../replay/advise/state/filling.ts';
import { machineOf } from '../../support/rows.ts';

const REPORTS = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/reports/grammar.json'), 'utf8'),
) as { readonly id: string; readonly log: readonly string[] }[];

async function stateOf(id: string) {
  const text = REPORTS.find((one) => one.id === id)!.log.join('\n');
  const found = await findings(together([recognise(text, 'log')]), { text: async () => text });
  let machine = found.lane!.machine;
  for (const batch of found.state!.filling) machine = fold(machine, batch).machine;
  return { machine, requests: found.state!.requests };
}

describe('the recorded machine', () => {
  test.each([
    ['i386-2.6.32-atomic-order2', 'fragmented'],
    ['i386-2.6.9-oom-zones', 'out-of-memory'],
    ['i386-4.19-dma-zone', 'out-of-lowmem'],
    ['arm-4.4-order4-cma', 'cma-only'],
    ['arm-5.15-highatomic', 'out-of-memory'],
  ])('refuses too: %s', async (id, status) => {
    const { machine, requests } = await stateOf(id);
    const { outcomes } = fold(machine, requests);
    expect(STATUSES[outcomes.status[0]!]!.name).toBe(status);
    // That it was refused where it was recorded is noted behind it.
    expect(requests.kind[1]).toBe(EVENT_KINDS.refused.code);
  });

  test('has as many free blocks of each order as the report counts', async () => {
    const { machine } = await stateOf('i386-2.6.32-atomic-order2');
    const draft = Draft.of(machine);
    draft.onCpu(0);
    drainAllPcps(draft);
    const drained = draft.seal(false).machine;
    const { index } = drained.platform.zones.find(({ name }) => name === 'Normal')!;
    const blocks = Array.from({ length: 11 }, (_, order) => nrFree(drained, index, order));
    // 2965*4kB 122*8kB, and nothing larger; some pairs are no buddies.
    expect(blocks.slice(2)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(Math.abs(blocks[0]! - 2965)).toBeLessThan(30);
    expect(Math.abs(blocks[1]! - 122)).toBeLessThan(20);
  });
});

test('a filling pauses after each batch, that somebody who waits may stop it', async () => {
  let pauses = 0;
  const filling = new Filling(machineOf('linux-3g1g', 1024), async () => void pauses++);
  const steps = Array.from({ length: 40_000 }, (): Step => {
    return { kind: 'page_alloc', object: filling.newObject(), order: 0, gfp: GFP_HIGHUSER };
  });
  expect(await filling.run(steps)).toHaveLength(40_000);
  expect(pauses).toBe(3);
});

test('the vmalloc window has the holes that /proc/vmallocinfo shows', async () => {
  const log = 'vmap allocation for size 6295552 failed: use vmalloc=<size>\n131000 pages RAM\n';
  const probe = await findings(together([recognise(log, 'log')]), { text: async () => log });
  const { start, end } = probe.lane!.layout.vmalloc;
  const area = (from: bigint, to: bigint): string =>
    `0x${from.toString(16)}-0x${to.toString(16)} ${to - from} f+0x1/0x2 pages=1 vmalloc\n`;
  const [hole, small] = [0x500000n, 0x200000n];
  const middle = start + 0x1000000n;
  const areas =
    area(start, middle) + area(middle + hole, end - 0x800000n) + area(end - 0x800000n + small, end);
  const found = await findings(together([recognise(log, 'log'), recognise(areas, 'areas')]), {
    text: async () => log,
  });
  // With its guard page an area of the largest hole's size just fits.
  const asked = (size: number): string => {
    const area = { kind: 'vm_area', cpu: 0, thinkNs: 0, object: 4_000_000, size, align: 4096 } as const;
    const { outcomes } = fold(found.state!.machine, batchOf([area]));
    return STATUSES[outcomes.status[0]!]!.name;
  };
  expect([asked(Number(hole) - 4096), asked(Number(hole))]).toEqual(['ok', 'vmalloc-space']);
});
