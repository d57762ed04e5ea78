/** Packed input comes out as it went in, or is refused in words. */
import { readFileSync } from 'node:fs';
import * as zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { UnpackFault, unpackerOf } from '../../traces/host/index.ts';
import { unzstd } from '../../traces/host/zstd.ts';
import { ImportError, openTraceStream, unpacked } from '../../traces/index.ts';
import { collect, rowsOf, smallTrace } from './support.ts';

type Pack = (bytes: Uint8Array) => Buffer;
/** Zstd: from Node 22.15 on. */
const { zstdCompressSync } = zlib as { readonly zstdCompressSync?: Pack };
/** With where their headers end, or begin: damage in the data of zstd shows only there. */
const PACKS: [string, Pack, number][] = [['gzip', zlib.gzipSync, 10]];
if (zstdCompressSync !== undefined) PACKS.push(['zstd', zstdCompressSync, 4]);

/** In blocks so small that the first bytes are in several. */
async function* inBlocks(bytes: Uint8Array, size = 3): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpack(bytes: Uint8Array): Promise<{ bytes: Buffer; wasPacked: boolean }> {
  const { blocks, wasPacked } = await unpacked(inBlocks(bytes), 'a.vmt');
  return { bytes: Buffer.concat(await collect(blocks)), wasPacked };
}

test('what is not packed comes as it is, however short', async () => {
  for (const text of ['', 'x', '\x1f', 'some text that is longer than what is looked at'])
    expect(await unpack(Buffer.from(text, 'latin1'))).toEqual({
      bytes: Buffer.from(text, 'latin1'),
      wasPacked: false,
    });
});

describe.each(PACKS)('%s', (name, pack, fragile) => {
  test('a trace is the same', async () => {
    const trace = await smallTrace();
    expect(await unpack(pack(trace))).toEqual({ bytes: Buffer.from(trace), wasPacked: true });
    const events = async (blocks: AsyncIterable<Uint8Array>) =>
      rowsOf(await collect((await openTraceStream(blocks, 'a')).batches()));
    const { blocks } = await unpacked(inBlocks(pack(trace)), 'a.vmt');
    expect(await events(blocks)).toEqual(await events(inBlocks(trace)));
  });

  test('cut or damaged data is told', async () => {
    const whole = pack(Buffer.from('event '.repeat(1000)));
    const cut = unpack(whole.subarray(0, -6));
    await expect(cut).rejects.toThrow(ImportError);
    await expect(cut).rejects.toThrow(`the end of the file within its ${name} data`);
    await expect(unpack(whole.fill(0xff, fragile, fragile + 4))).rejects.toThrow(`damaged ${name} data`);
  });
});

describe.each([
  ['of this host', (packed: AsyncIterable<Uint8Array>) => unpackerOf('zstd')!(packed)],
  ['in JavaScript', unzstd],
])('zstd %s', (_, unpacker) => {
  /** What the zstd program (1.5.4) made of these words, with a checksum. */
  const WORDS = 'event '.repeat(1000);
  const packed = readFileSync('tests/fixtures/packed/events.zst');
  const unzstded = async (bytes: Uint8Array, size?: number) =>
    Buffer.concat(await collect(unpacker(inBlocks(bytes, size)))).toString();

  test('is unpacked, several frames too', async () => {
    expect(await unzstded(packed)).toBe(WORDS);
    expect(await unzstded(Buffer.concat([packed, packed]), 1000)).toBe(WORDS + WORDS);
  });

  test('that is cut or damaged is told', async () => {
    await expect(unzstded(packed.subarray(0, -6))).rejects.toMatchObject({ isCut: true });
    const damaged = Buffer.from(packed).fill(0xff, 4, 8);
    await expect(unzstded(damaged)).rejects.toBeInstanceOf(UnpackFault);
  });
});
