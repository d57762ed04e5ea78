/** stats on the command line: files, pipes, JSON. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { json, recordedDrivers, vmsplit } from './vmsplit.ts';

describe('stats', () => {
  it('says the same of a file and of a pipe, and of the workload', async () => {
    const file = await recordedDrivers('--events 4000');
    const { trace: _, reproduce, ...stats } = json(await vmsplit(`stats ${file} --json`));
    expect(reproduce).toBe(`vmsplit stats ${file}`);
    expect(Object.keys(stats)).toEqual([
      'events',
      'thinkNs',
      'kinds',
      'references',
      'pages',
      'objects',
      'lost',
    ]);
    const piped = json(await vmsplit('stats - --json', { stdin: readFileSync(file) }));
    expect(piped).toMatchObject(stats);
    expect(json(await vmsplit('stats workload:drivers --events 4000 --json'))).toMatchObject(stats);
    const info = json(await vmsplit(`info ${file} --json`));
    expect(stats.kinds).toEqual(info.kinds);
    expect(stats.references).toEqual(info.references);
  });

  it('fits a terminal, and ends with the line that makes it again', async () => {
    const { code, out } = await vmsplit('stats workload:netrx --events 4000', {
      terminal: ['stdout'],
      columns: 80,
    });
    expect(code).toBe(0);
    expect(out).toMatch(/\nreproduce: vmsplit stats workload:netrx --seed 1 --events 4000\n$/);
    const lines = out.split('\n').filter((line) => !line.startsWith('reproduce'));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('of a damaged trace is of what comes before, with exit code 1', async () => {
    const bytes = readFileSync(await recordedDrivers('--events 40000'));
    const { code, out, err } = await vmsplit('stats - --json', {
      stdin: bytes.subarray(0, bytes.length - 1000),
    });
    expect([code, json({ out }).events]).toEqual([1, 32_768]);
    expect(err).toMatch(/<stdin>: incomplete: /);
  });
});
