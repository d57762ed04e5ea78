/** info and recover: whole, cut and damaged traces, from a file and from a pipe. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { json, recordedDrivers, temporaryFolder, vmsplit } from './vmsplit.ts';

const recorded = (options = '--events 40000') => recordedDrivers(options);

describe('a whole trace', () => {
  it('has these keys in its JSON', async () => {
    const file = await recorded();
    const info = json(await vmsplit(`info ${file} --json`));
    expect(Object.keys(info).sort()).toEqual(
      [
        ...['bytes', 'bytesPerEvent', 'chunks', 'complete', 'events', 'file', 'header'],
        ...['kinds', 'lost', 'notes', 'references', 'seed'],
      ].sort(),
    );
    expect(info).toMatchObject({ file, events: 40_000, complete: true, lost: null, seed: 1, chunks: 3 });
    expect(info.header).toMatchObject({
      format: 'vmsplit-trace',
      tool: 'vmsplit',
      tickUnit: 'ns',
      parameters: { workload: 'drivers', events: 40_000, options: { devices: 24 } },
    });
    expect(info.bytes).toBe(readFileSync(file).length);
  });

  it('has counts that add up', async () => {
    const info = json(await vmsplit(`info ${await recorded()} --json`));
    const kinds = info.kinds as Record<string, number>;
    const references = info.references as Record<string, number>;
    const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);
    expect(sum(kinds)).toBe(40_000);
    expect(Object.keys(references)).toEqual(['read', 'write', 'modify', 'execute']);
    expect(sum(references)).toBe(kinds.access);
  });

  it('is the same verified, and from a pipe, where chunks are not counted', async () => {
    const file = await recorded();
    const plain = json(await vmsplit(`info ${file} --json`));
    expect(json(await vmsplit(`info ${file} --json --verify`))).toEqual(plain);
    const { chunks: _, ...rest } = plain;
    const piped = await vmsplit('info - --json', { stdin: readFileSync(file) });
    expect([piped.code, json(piped)]).toEqual([0, { ...rest, file: '<stdin>' }]);
  });

  it('is described in a few lines', async () => {
    const { out } = await vmsplit(`info ${await recorded()}`);
    expect(out.split('\n')).toHaveLength(7);
    expect(out).toMatch(/^size +40,000 events in 3 chunks/m);
    expect(out).toMatch(/^state +complete$/m);
  });
});

describe('a trace that is not whole', () => {
  it('is described as far as it goes, with exit code 1, from a file and from a pipe', async () => {
    const whole = await recorded();
    const bytes = readFileSync(whole);
    const cut = join(temporaryFolder(), 'cut.vmt');
    writeFileSync(cut, bytes.subarray(0, bytes.length - 1000));
    const runs = [
      await vmsplit(`info ${cut} --json`),
      await vmsplit('info - --json', { stdin: bytes.subarray(0, bytes.length - 1000) }),
    ];
    for (const run of runs) {
      expect(run.code).toBe(1);
      expect(json(run)).toMatchObject({ complete: false, events: 32_768, lost: { eventsKept: 32_768 } });
    }
    expect((await vmsplit(`info ${cut}`)).out).toMatch(
      /INCOMPLETE: from byte \d+ on: found the end of the file/,
    );
  });

  it('can be damaged inside: --verify finds what the index does not know', async () => {
    const file = await recorded();
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 0xff;
    writeFileSync(file, bytes);
    expect((await vmsplit(`info ${file}`)).code).toBe(0);
    const verified = await vmsplit(`info ${file} --verify --json`);
    expect([verified.code, json(verified).complete]).toEqual([1, false]);
  });
});

describe('recover', () => {
  it('keeps what is whole of a cut trace, and says that it is a part', async () => {
    const file = await recorded();
    const bytes = readFileSync(file);
    const kept = join(temporaryFolder(), 'kept.vmt');
    const { code, out } = await vmsplit(`recover - -o ${kept} --json`, {
      stdin: bytes.subarray(0, bytes.length - 1000),
    });
    expect(code).toBe(0);
    expect(json({ out })).toMatchObject({ events: 32_768, complete: false, lost: { eventsKept: 32_768 } });
    const info = json(await vmsplit(`info ${kept} --json --verify`));
    expect(info).toMatchObject({
      events: 32_768,
      header: json(await vmsplit(`info ${file} --json`)).header,
      lost: { message: 'the recording was broken off after 32768 events, all of them whole' },
    });
    const part = await vmsplit(`record drivers --events 32768 -o ${file}`);
    expect(part.code).toBe(0);
    expect(info.kinds).toEqual(json(await vmsplit(`info ${file} --json`)).kinds);
  });

  it('copies a whole trace bit for bit', async () => {
    const file = await recorded();
    const copy = join(temporaryFolder(), 'copy.vmt');
    const { code, out } = await vmsplit(`recover ${file} -o ${copy}`);
    expect([code, out]).toEqual([0, expect.stringMatching(/40,000 events kept\nnothing was lost\n/)]);
    expect(readFileSync(copy)).toEqual(readFileSync(file));
  });

  it('does not write over what it reads', async () => {
    const file = await recorded();
    const { code, err } = await vmsplit(`recover ${file} -o ${file}`);
    expect([code, err]).toEqual([2, expect.stringMatching(/is the input itself/)]);
  });
});

describe('check', () => {
  it('tells that traces are sound, and how great', async () => {
    const file = await recordedDrivers('--events 3000');
    const { code, out } = await vmsplit(`check ${file}`);
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/drivers\.vmt: sound: 3,000 events in 1 chunks, .* KiB\n$/),
    ]);
    const piped = await vmsplit('check - --json', { stdin: readFileSync(file) });
    expect(JSON.parse(piped.out)).toEqual([
      { file: '<stdin>', bytes: readFileSync(file).length, chunks: 1, events: 3000, complete: true },
    ]);
  });

  it('names the first fault of each file, and goes on with the next', async () => {
    const file = await recordedDrivers('--events 3000');
    const bytes = readFileSync(file);
    const [cut, text] = [`${file}.cut`, `${file}.txt`];
    writeFileSync(cut, Buffer.concat([bytes, Buffer.from('\n')]));
    writeFileSync(text, 'no trace');
    const { code, out } = await vmsplit(`check ${cut} ${text} ${file}`);
    expect(code).toBe(1);
    expect(out.split('\n').map((line) => line.replace(/^.*drivers/, ''))).toEqual([
      `.vmt.cut: FAULT at byte ${bytes.length}: found bytes after the end of the trace, expected the end of the file; before it: 3,000 events in 1 chunks, ${out.match(/[\d.]+ KiB/)![0]}. Run \`vmsplit recover\` to keep them`,
      expect.stringMatching(
        /^\.vmt\.txt: FAULT at byte 0: found something else, expected the header of a \.vmt trace; /,
      ),
      expect.stringMatching(/^\.vmt: sound/),
      '',
    ]);
    expect((await vmsplit(`check ${cut} --fail-on never`)).code).toBe(0);
    expect((await vmsplit('check nowhere.vmt')).code).toBe(2);
  });
});

describe('a trace that is more than one', () => {
  it.each([
    ['a line behind it', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('\n')])],
    ['another trace behind it', (bytes: Buffer) => Buffer.concat([bytes, bytes])],
  ])('(%s) is told of as incomplete, by whatever way it comes', async (_, change) => {
    const file = await recordedDrivers('--events 3000');
    const stdin = change(readFileSync(file));
    writeFileSync(file, stdin);
    for (const line of [`info ${file}`, 'info -', `replay ${file}`, 'replay -']) {
      const told = await vmsplit(`${line} --json`, { stdin });
      expect([told.code, json(told).complete], line).toEqual([1, false]);
      expect(json(told).lost).toMatchObject({ message: expect.stringMatching(/after the end of the trace/) });
    }
  });
});
