/** --reclaim and --swap: what they change, and what the report and meminfo tell of it. */
import { describe, expect, it } from 'vitest';
import { json, vmsplit } from './vmsplit.ts';

const RUN = 'replay workload:prefork --events 60000 --layout linux-x86_64 --ram 64M';

describe('--reclaim', () => {
  it('is off unless asked for, and then the report says nothing of it', async () => {
    const { out } = await vmsplit(RUN);
    expect(out).not.toMatch(/kswapd/);
  });

  it('frees pages, and is part of the line that reproduces the run', async () => {
    const { out } = await vmsplit(`${RUN} --reclaim`);
    expect(out).toMatch(/pages freed by kswapd +[\d,]+/);
    expect(out).toMatch(/^reproduce: .* --ram 64M --reclaim/m);
  });
});

describe('--swap', () => {
  it('implies it, and is what meminfo shows', async () => {
    const { out } = await vmsplit('at workload:prefork meminfo --events 60000 --ram 64M --swap 128M --json');
    const { figures } = JSON.parse(out) as { figures: Record<string, number> };
    // Less the page that holds the header of the swap area.
    expect(figures.SwapTotal).toBe(128 * 1024 - 4);
    expect(figures.SwapFree).toBeLessThanOrEqual(figures.SwapTotal!);
  });

  it('refuses what is no size', async () => {
    expect((await vmsplit(`${RUN} --swap lots`)).code).toBe(2);
  });

  it('counts what went and came', async () => {
    const result = json(await vmsplit(`${RUN} --swap 64M --json`));
    const [{ counters }] = result.layouts as [{ counters: Record<string, number> }];
    expect(counters.pgstealKswapd! + counters.pgstealDirect!).toBeGreaterThan(0);
    expect(counters.pswpin).toBeLessThanOrEqual(counters.pswpout! * 2);
  });
});
