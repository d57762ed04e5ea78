/** The page as text: what its policy lets run, and that data put into it stays data. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base93 } from '../../../../replay/page/html/base93.ts';
import { PAGE_START, pageHtml, pageParts, policyOf } from '../../../../replay/page/html/page-html.ts';
import { builtPage } from '../../../support/build.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');
const gzip = (text: string): Uint8Array => gzipSync(text);
const parts = { program: 'let a = "</script>" + "<!--" + "<b>";', worker: 'ABC', style: 'p{}', gzip, sha256 };
const page = pageHtml(parts);

/** What stands in the script with this id, as the HTML standard reads it: up to the first end tag. */
function block(html: string, id: string): string | undefined {
  return new RegExp(`<script [^>]*id="${id}">(.*?)</script`, 'is').exec(html)?.[1];
}

/** The other way, in bits as text: thirteen of each pair of letters, six of one that is left. */
function bytesIn(letters: string): Uint8Array {
  const digit = (letter: string): number => letter.charCodeAt(0) - (letter > '<' ? 34 : 33);
  const bits = (letters.match(/..?/gs) ?? [])
    .map((pair) => [...pair].map(digit))
    .map(([low, high]) =>
      high === undefined
        ? low!.toString(2).padStart(6, '0')
        : (93 * high + low!).toString(2).padStart(13, '0'),
    )
    .join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

/** A program that is packed in a page. */
function unpacked(html: string, id: string): string {
  return gunzipSync(bytesIn(block(html, id)!)).toString();
}

/** What a program puts into a style element before it does anything else. */
function styleOf(program: string): string {
  const [, text] = /^document\.head\.append\(.*?textContent:("(?:[^"\\]|\\.)*")/.exec(program)!;
  return JSON.parse(text!) as string;
}

const made = (data: Parameters<typeof pageParts>[1]): string => [...pageParts(page, data)].join('');

describe('the policy', () => {
  it('names the hash of each script and style that is in the page, and nothing else runs', () => {
    for (const html of [page, readFileSync(builtPage(), 'utf8')]) {
      const policy = policyOf(html);
      const hashes = (directive: string) =>
        new RegExp(`${directive} ((?:'sha256-[^']+' ?)+);`).exec(policy)![1]!.split(' ');
      const inline = [...html.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text]) => text!);
      const program = unpacked(html, 'program');
      expect(inline).toHaveLength(1);
      expect(html).not.toContain('<style');
      const scripts = [...inline, program];
      expect(hashes('script-src')).toEqual(scripts.map((text) => `'sha256-${sha256(text)}'`));
      expect(hashes('style-src')).toEqual([`'sha256-${sha256(styleOf(program))}'`]);
      expect(policy).toMatch(/^default-src 'none'; /);
      expect(policy).not.toMatch(/unsafe|http|\*/);
    }
  });

  it('leaves no way out in a program: it is packed, and the one that unpacks it has no markup', () => {
    expect(styleOf(unpacked(page, 'program'))).toBe(parts.style);
    expect(unpacked(page, 'program').endsWith(`;${parts.program}`)).toBe(true);
    expect(unpacked(page, 'worker')).toBe(parts.worker);
    const [, starter] = /<script>(.*?)<\/script>/s.exec(page)!;
    expect(starter).not.toMatch(/<|&/);
  });
});

it('bytes are letters that begin no markup', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const letters = base93(bytes);
      expect(Buffer.compare(bytesIn(letters), bytes)).toBe(0);
      expect(letters).not.toMatch(/[<\s]/);
      const bits = bytes.length * 8;
      expect(letters.length).toBe(2 * Math.floor(bits / 13) + Math.ceil((bits % 13) / 6.5));
    }),
  );
  expect(base93(Uint8Array.of(255, 255, 255, 255))).toBe('(z(za');
});

describe('a run in the page', () => {
  const names = fc.string({ unit: 'grapheme' });
  const hostile = fc.constantFrom(
    '</script><img src=x onerror=alert(1)>',
    '<!-- <script>',
    '\u2028\u2029\0\u202e',
    '<!-- data -->',
    '$& $1 $`',
  );
  const text = fc.oneof(names, hostile);

  it('is what was put into it, whatever its texts are', () => {
    fc.assert(
      fc.property(text, fc.dictionary(text, text), (spec, files) => {
        const html = made({ spec, files });
        expect(JSON.parse(block(html, 'run')!)).toEqual({ spec, files });
        expect(html.match(/<script/g)).toHaveLength(4);
        expect(html.match(/<img/g)).toBeNull();
      }),
    );
  });

  it('has its trace in base64, however it is cut into parts', () => {
    for (const length of [0, 1, 2, 3, 3 * 65_536 - 1, 3 * 65_536, 3 * 65_536 + 1]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
      const html = made({ spec: '{}', files: {}, trace: { bytes } });
      expect(Buffer.compare(Buffer.from(block(html, 'trace')!, 'base64'), bytes)).toBe(0);
      expect(JSON.parse(block(html, 'run')!)).toMatchObject({ trace: 'inside' });
    }
  });

  it('says where its trace is served', () => {
    const trace = { url: 'trace', byteLength: 5 };
    const html = made({ spec: '{}', files: {}, trace });
    expect(JSON.parse(block(html, 'run')!)).toMatchObject({ trace });
    expect(block(html, 'trace')).toBeUndefined();
  });
});

it('a page is small, and known by its beginning', () => {
  const html = readFileSync(builtPage(), 'utf8');
  expect(html.length).toBeLessThan(600_000);
  expect(html.startsWith(PAGE_START)).toBe(true);
});
