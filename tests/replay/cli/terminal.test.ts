/** What a terminal gets and a pipe does not: progress and colours. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, vmsplit } from './vmsplit.ts';

const ESCAPE = '\x1b[';

describe('progress', () => {
  it('has rate and time left on a terminal', async () => {
    const file = join(temporaryFolder(), 'a.vmt');
    const { err } = await vmsplit(`record drivers --events 50000 -o ${file}`, { terminal: ['stderr'] });
    expect(err).toMatch(/recording drivers \d+% .* left \[.*\] .* M events\/s/);
  });

  it('counts only when the end is not known', async () => {
    const { bytes } = await vmsplit('record drivers --events 50000 -o -');
    const { err } = await vmsplit('info -', { stdin: bytes, terminal: ['stderr'] });
    expect(err).toMatch(/reading <stdin> 0\.05 M events \|/);
    expect(err).not.toMatch(/%|left/);
  });

  it('is silent otherwise', async () => {
    const file = join(temporaryFolder(), 'a.vmt');
    expect((await vmsplit(`record drivers --events 50000 -o ${file}`)).err).toBe('');
  });
});

describe('colours', () => {
  it.each([
    ['on a terminal', ['stdout'], {}, true],
    ['not in a pipe', [], {}, false],
    ['not with NO_COLOR', ['stdout'], { NO_COLOR: '1' }, false],
    ['with an empty NO_COLOR', ['stdout'], { NO_COLOR: '' }, true],
    ['not on a dumb terminal', ['stdout'], { TERM: 'dumb' }, false],
  ] as const)('%s', async (_, terminal, env, colored) => {
    for (const line of ['layouts 3g1g', 'explain 0xc0000000', 'replay workload:drivers --events 1000']) {
      const { out } = await vmsplit(line, { terminal, env });
      expect([line, out.includes(ESCAPE)]).toEqual([line, colored]);
    }
  });
});
