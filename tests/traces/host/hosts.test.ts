/** What browsers have does what Node's own does, byte by byte. */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { host as browser } from '../../../traces/host/browser.ts';
import { type Host, UnpackFault } from '../../../traces/host/host.ts';
import { host as node } from '../../../traces/host/node.ts';
import { anyText } from '../../generators/any-text.ts';
import { collect, inBlocks } from '../support.ts';

const bytesAnywhere = fc
  .tuple(fc.uint8Array({ maxLength: 100 }), fc.nat(9))
  .map(([bytes, start]) => bytes.subarray(Math.min(start, bytes.length)));

test('the checksum of the standard, of nothing, and of anything', () => {
  for (const { crc32 } of [node, browser]) {
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf4_3926);
    expect(crc32(new Uint8Array(0))).toBe(0);
    expect(crc32(Buffer.from('6789'), crc32(Buffer.from('12345')))).toBe(0xcbf4_3926);
  }
  fc.assert(fc.property(bytesAnywhere, (bytes) => browser.crc32(bytes) === node.crc32(bytes)));
});

test('each byte is a character of its own number, and back', () => {
  const all = Uint8Array.from({ length: 0x100 }, (_, i) => i);
  for (const { latin1, latin1Bytes } of [node, browser]) {
    expect([...latin1(all)].map((letter) => letter.charCodeAt(0))).toEqual([...all]);
    expect([...latin1Bytes(latin1(all))]).toEqual([...all]);
  }
  fc.assert(fc.property(bytesAnywhere, (bytes) => browser.latin1(bytes) === node.latin1(bytes)));
  fc.assert(
    fc.property(anyText, (text) => {
      expect([...browser.latin1Bytes(text)]).toEqual([...node.latin1Bytes(text)]);
    }),
  );
});

test('text is UTF-8, with U+FFFD for what is none, and its byte order mark', () => {
  const bytes = fc.oneof(
    bytesAnywhere,
    anyText.map((text) => new TextEncoder().encode(text)),
    fc
      .array(fc.constantFrom(0xc2, 0xe2, 0x82, 0xac, 0xf0, 0xed, 0xa0, 0xef, 0xbb, 0xbf, 0x41))
      .map((some) => Uint8Array.from(some)),
  );
  fc.assert(fc.property(bytes, (some) => browser.utf8(some) === node.utf8(some)));
  expect(browser.utf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).toBe('\ufeffA');
});

test('parts are joined, in a copy', () => {
  fc.assert(
    fc.property(fc.array(bytesAnywhere), (parts) => {
      expect([...browser.concat(parts)]).toEqual([...node.concat(parts)]);
    }),
  );
  const part = Uint8Array.of(1);
  const joined = browser.concat([part]);
  part[0] = 2;
  expect([...joined]).toEqual([1]);
});

describe.each<[string, Host]>([
  ['Node', node],
  ['browsers', browser],
])('%s unpack', (_, { unpackerOf }) => {
  const text = Buffer.from(Array.from({ length: 30_000 }, (_, i) => (i * i) % 9973).join());
  const packed = gzipSync(text);
  const unpack = unpackerOf('gzip')!;

  test.each([1000, 7777, 1 << 20])('gzip, in blocks of %d bytes', async (size) => {
    expect(Buffer.concat(await collect(unpack(inBlocks(packed, size)))).equals(text)).toBe(true);
  });

  test('nothing that they do not know', () => expect(unpackerOf('xz')).toBeUndefined());

  test('up to where it is cut', async () => {
    const cut = collect(unpack(inBlocks(packed.subarray(0, -5), 1000)));
    await expect(cut).rejects.toThrow(UnpackFault);
    await expect(cut).rejects.toMatchObject({ isCut: true });
    const damaged = Buffer.from(packed).fill(0xff, 10, 14);
    await expect(collect(unpack(inBlocks(damaged, 1000)))).rejects.toThrow(UnpackFault);
  });

  test('no more than is wanted, and tell what went wrong before them', async () => {
    let ended = false;
    async function* source(error?: Error): AsyncGenerator<Uint8Array> {
      try {
        yield packed.subarray(0, 5000);
        if (error !== undefined) throw error;
        yield packed.subarray(5000);
      } finally {
        ended = true;
      }
    }
    const gone = new Error('the disk is gone');
    await expect(collect(unpack(source(gone)))).rejects.toBe(gone);
    ended = false;
    for await (const block of unpack(source())) {
      expect(block.length).toBeGreaterThan(0);
      break;
    }
    await expect.poll(() => ended).toBe(true);
  });
});
