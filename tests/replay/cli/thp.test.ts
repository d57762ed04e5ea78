/** --thp: huge pages for processes, and what the report tells of them. */
import { describe, expect, it } from 'vitest';
import { json, vmsplit } from './vmsplit.ts';

const RUN = 'replay workload:prefork --events 4000 --layout linux-x86_64 --ram 512M';

describe('--thp', () => {
  it('is never unless asked for, and then the report says nothing of it', async () => {
    const { out } = await vmsplit(RUN);
    expect(out).not.toMatch(/huge pages/);
  });

  it('gives huge pages, tells how many, and is part of the line that reproduces the run', async () => {
    const { out } = await vmsplit(`${RUN} --thp always`);
    expect(out).toMatch(/^huge pages$/m);
    expect(out).toMatch(/given by page faults +\d/);
    expect(out).toMatch(/^reproduce: .* --ram 512M --thp always/m);
  });

  it('madvise is another matter: this workload never asks', async () => {
    const result = json(await vmsplit(`${RUN} --thp madvise --json`));
    const [{ counters }] = result.layouts as [{ counters: Record<string, number> }];
    expect(counters.thpFaultAlloc).toBe(0);
  });

  it('is known to at, which shows the lines of such a kernel', async () => {
    const { out } = await vmsplit(
      'at workload:prefork meminfo --events 4000 --layout linux-x86_64 --thp always',
    );
    expect(out).toMatch(/^AnonHugePages: +[1-9]\d* kB$/m);
  });

  it('refuses another mode', async () => {
    const { code, err } = await vmsplit(`${RUN} --thp often`);
    expect(code).toBe(2);
    expect(err).toMatch(/always, madvise, never/);
  });
});
