/** --stack-limit and --legacy-va-layout: where the mappings of a process lie, as its maps file tells. */
import { describe, expect, it } from 'vitest';
import { vmsplit } from './vmsplit.ts';

const MAPS = 'at workload:prefork maps --events 3000 --layout linux-3g1g';

/** The places of the mappings between text and stack. */
async function placesOf(options: string): Promise<number[]> {
  const { code, out } = await vmsplit(`${MAPS} ${options}`);
  expect(code).toBe(0);
  const starts = [...out.matchAll(/^([0-9a-f]{8})-[0-9a-f]{8} /gm)].map(([, start]) => Number(`0x${start}`));
  return starts.filter((start) => start >= 0x10000000 && start < 0xb8000000);
}

describe('mappings of a process', () => {
  it('go downwards from mmap_base', async () => {
    const places = await placesOf('');
    expect(places.length).toBeGreaterThan(0);
    expect(Math.min(...places)).toBeGreaterThan(0xa0000000);
  });

  it('go upwards from a third of user space in the old order', async () => {
    const places = await placesOf('--legacy-va-layout');
    expect(Math.min(...places)).toBe(0x40000000);
    expect(Math.max(...places)).toBeLessThan(0x60000000);
  });

  it('go downwards from far below a stack that may grow without limit', async () => {
    expect(Math.max(...(await placesOf('--stack-limit unlimited')))).toBeLessThan(0x20000000);
    expect(Math.max(...(await placesOf('--stack-limit 256M')))).toBeLessThan(0xaff00000);
  });

  it('lie where the line that reproduces the run says', async () => {
    const { out, err } = await vmsplit(
      `replay workload:prefork --events 400 --stack-limit 16M --legacy-va-layout`,
    );
    expect(out + err).toMatch(/^reproduce: .* --stack-limit 16M --legacy-va-layout/m);
  });

  it('refuses a limit that is no size', async () => {
    expect((await vmsplit(`${MAPS} --stack-limit much`)).code).toBe(2);
  });
});
