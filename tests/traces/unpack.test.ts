/** Packed input comes out as it went in, or is refused in words; of what Node cannot unpack the command is told. */
import * as zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ImportError, openTraceStream, unpacked } from '../../traces/index.ts';
import { collect, rowsOf, smallTrace } from './support.ts';

type Pack = (bytes: Uint8Array) => Buffer;
/** Zstd: from Node 22.15 on. */
const { zstdCompressSync } = zlib as { readonly zstdCompressSync?: Pack };
/** With where their headers end, or begin: damage in the data of zstd shows only there. */
const PACKS: [string, Pack, number][] = [['gzip', zlib.gzipSync, 10]];
if (zstdCompressSync !== undefined) PACKS.push(['zstd', zstdCompressSync, 4]);
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

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

test.skipIf(zstdCompressSync !== undefined)(
  'zstd, where Node does not have it, is told with its command',
  async () => {
    const { blocks, wasPacked } = await unpacked(inBlocks(ZSTD_MAGIC), 'a.vmt.zst');
    expect(wasPacked).toBe(false);
    await expect(openTraceStream(blocks, 'a.vmt.zst')).rejects.toThrow(
      'found data packed with zstd, expected the header of a .vmt trace. ' +
        'If a trace is in it, unpack it first: `zstd -dc a.vmt.zst | vmsplit replay -`',
    );
  },
);
