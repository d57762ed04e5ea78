/** What a terminal gets and a pipe does not: progress and colours. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TraceWriter } from '../../../traces/index.ts';
import { fileSink } from '../../../traces/node/index.ts';
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

describe('names that a terminal would obey', () => {
  const EVIL = 'a\x1b]0;owned\x07\n\u009b31mstate\u202e';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  const OBEYED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/;

  /** What the progress bar itself writes. */
  // biome-ignore lint/suspicious/noControlCharactersInRegex: to be taken away
  const BAR = /\x1b(?:\[[\d;?]*[A-Za-z]|[78])|\r/g;

  async function evilTrace(): Promise<string> {
    const file = join(temporaryFolder(), `${EVIL.replaceAll('/', '')}.vmt`);
    const origin = { tool: EVIL, toolVersion: EVIL, seed: null, parameters: { [EVIL]: EVIL } };
    const writer = await TraceWriter.create(await fileSink(file), origin);
    writer.note({ imported: { format: EVIL, why: EVIL, warnings: [EVIL] } });
    await writer.finish();
    return file;
  }

  it.each(['info', 'check', 'replay', 'at buddyinfo', 'recover -o /nowhere/x.vmt', 'import'])(
    'are shown escaped, on one line each: %s',
    async (command) => {
      const file = await evilTrace();
      const plain = join(temporaryFolder(), 'plain.vmt');
      copyFileSync(file, plain);
      for (const terminal of [[], ['stdout', 'stderr']] as const) {
        const ran = await vmsplit(`${command} ${file}`, { terminal: [...terminal], env: { TERM: 'dumb' } });
        for (const text of [ran.out, ran.err.replace(BAR, '')]) {
          expect(text).not.toMatch(OBEYED);
          expect(text).not.toMatch(/^.{0,12}state\\u/m);
        }
      }
      const { out, err } = await vmsplit(`${command} ${plain}`);
      expect(out + err).not.toMatch(OBEYED);
    },
  );

  it('of options, workloads and layouts, too', async () => {
    const words = EVIL.replaceAll(' ', '');
    for (const line of [
      `info --${words}`,
      `${words}`,
      `record ${words}`,
      `replay workload:drivers --layouts ${words}`,
      `replay workload:drivers --layouts 3g1g:${words}=1`,
      `replay workload:drivers --mmu ${words}`,
      `import ${words} --format ${words}`,
      `layouts ${words}`,
    ]) {
      const { code, out, err } = await vmsplit(line);
      expect([line, code]).toEqual([line, 2]);
      expect(out + err, line).not.toMatch(OBEYED);
      expect(out + err, line).not.toMatch(/^.{0,12}state\\u/m);
    }
  });

  it('in a layout file are refused', async () => {
    const file = join(temporaryFolder(), 'l.json');
    const { out } = await vmsplit('layouts 3g1g --export');
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(out) as object), name: EVIL }));
    const { code, err } = await vmsplit(`layouts ${file}`);
    expect([code, err]).toEqual([2, expect.stringMatching(/name: found ".*\\u0007.*", expected a text/)]);
    expect(err).not.toMatch(OBEYED);
  });

  it('make a line that reproduces the run all the same', async () => {
    const folder = temporaryFolder();
    const file = join(folder, `${EVIL}'\\.vmt`);
    const { out } = await vmsplit(`record drivers --events 500 -o ${file}`);
    const [, line] = /^reproduce: vmsplit (.*)$/m.exec(out)!;
    expect(line).toMatch(/^[\x20-\x7e]+$/);
    const words = execFileSync('bash', ['-c', `printf '%s\\0' ${line}`]).toString();
    expect(words.split('\0')).toEqual([
      'record',
      'drivers',
      '--seed',
      '1',
      '--events',
      '500',
      '-o',
      file,
      '',
    ]);
  });
});
