/** Layout files that are right field by field and lie together: refused with place, found, expected and remedy. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../core/base/errors.ts';
import { checkBoots } from '../../../core/explain/boots.ts';
import {
  buildCustomLayout,
  buildLayout,
  exportLayout,
  type LayoutOptions,
  layoutNames,
  parseLayoutFile,
} from '../../../core/layout/catalog/index.ts';
import { FULL } from '../../support/depth.ts';
import { DISTINCT_LAYOUTS } from '../../support/distinct-layouts.ts';

const MIB = 1n << 20n;
const BOARD = readFileSync(join(import.meta.dirname, '../../fixtures/layouts/board.json'), 'utf8');
type Fields = Record<string, unknown>;

function booted(file: unknown, options: LayoutOptions = { ramBytes: 512n * MIB }): void {
  const custom = parseLayoutFile(JSON.stringify(file), 'f.json');
  checkBoots(buildCustomLayout(custom, options), 'f.json');
}

/** The file with values at paths such as `kernel.image.start`. */
function changed(file: unknown, changes: Fields): unknown {
  const copy = structuredClone(file);
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.');
    const parent = keys.slice(0, -1).reduce((at, key) => at[key] as Fields, copy as Fields);
    parent[keys.at(-1)!] = value;
  }
  return copy;
}

const board = JSON.parse(BOARD) as unknown;
const pc = JSON.parse(
  JSON.stringify(exportLayout(buildLayout('linux-3g1g', { ramBytes: 512n * MIB }))),
) as unknown;
const itanium = JSON.parse(
  JSON.stringify(exportLayout(buildLayout('ia64-16k', { ramBytes: 512n * MIB }))),
) as unknown;

const CATALOG = FULL ? layoutNames() : DISTINCT_LAYOUTS;
test.each(CATALOG)('a layout of the catalog is sound as a file: $name', ({ name }) => {
  booted(exportLayout(buildLayout(name, { ramBytes: 256n * MIB })), {});
  booted(exportLayout(buildLayout(name)), {});
});

test('the neighbours of what is refused are taken', () => {
  booted(changed(board, { 'kernel.pageOffset': '0xa0400000' }));
  booted(changed(pc, { 'kernel.image.realModePages': 1 }));
});

test.each<[string, unknown, Fields, RegExp]>([
  [
    'an offset that is no multiple of a large page',
    board,
    { 'kernel.pageOffset': '0xa0100000' },
    /kernel\.pageOffset: found 0xa0100000, expected 0x0 \(physicalBase\) and a multiple of a large page, 4 MiB: write 0xa0000000/,
  ],
  [
    'an image beyond the RAM',
    pc,
    { 'kernel.image.start': '0x21000000' },
    /kernel\.image\.code\.start: found 0x1000000, expected at least 0x21000000, as kernel\.image\.start: let them ascend/,
  ],
  [
    'an image that ends before it starts',
    pc,
    { 'kernel.image.end': '0x800000' },
    /kernel\.image\.end: found 0x800000/,
  ],
  [
    'a section that ends before it starts',
    pc,
    { 'kernel.image.bss.end': '0x1000' },
    /kernel\.image\.bss\.end/,
  ],
  [
    'a root table outside the image',
    pc,
    { 'kernel.image.rootTable': '0x1000' },
    /rootTable: found 0x1000, expected an address in the image/,
  ],
  [
    'pages that no table has',
    itanium,
    { 'pageWindows.2.vpn': 2 },
    /pageWindows\[2\]\.vpn: found 2, expected a multiple of/,
  ],
  [
    'a window before the one before',
    itanium,
    { 'pageWindows.2.start': '4G' },
    /pageWindows\[2\]\.start: found/,
  ],
  [
    'a window from an odd address on',
    itanium,
    { 'pageWindows.0.start': 1 },
    /pageWindows\[0\]\.start: found/,
  ],
  [
    'a user region that ends at 0',
    itanium,
    { 'user.regions.1.end': 0 },
    /user\.regions\[1\]\.end: found 0x0, expected more than its start/,
  ],
  [
    'a user region beyond user space',
    itanium,
    { 'user.regions.4.end': '0xe000000000000000' },
    /user\.regions\[4\]\.end/,
  ],
])('%s', (_, file, changes, message) => {
  expect(() => booted(changed(file, changes))).toThrow(UsageError);
  expect(() => booted(changed(file, changes))).toThrow(message);
});

test('an image that ascends, and lies beyond the RAM of the run', () => {
  expect(() => booted(changed(pc, { ram: '16M' }), {})).toThrow(
    /no low memory for the kernel image; expected RAM at/,
  );
});

describe('what a look at the fields has missed, the machine shows', () => {
  const layout = buildLayout('3g1g', { ramBytes: 512n * MIB });

  test('addresses of which tables and arithmetic make different frames', () => {
    expect(() => checkBoots({ ...layout, pageOffset: layout.pageOffset + 0x10_0000n }, 'f.json')).toThrow(
      /^f\.json: found a machine that is not sound at boot: 0x[0-9a-f]+ is at 0x[0-9a-f]+ by the page tables, and at 0x[0-9a-f]+ by __pa \(and \d+ faults more\); expected/,
    );
  });

  test('a boot that breaks', () => {
    expect(() => checkBoots({ ...layout, zones: [] }, 'f.json')).toThrow(
      /^f\.json: found a machine that is not sound at boot: it does not boot \(/,
    );
  });
});

describe('files made to break the reader', () => {
  test.each([
    ['objects', '{"a":', '}'],
    ['lists', '[', ']'],
    ['objects in a field', '{"name":{"a":', '}}'],
  ])('%s nested 100,000 deep', (_, open, close) => {
    const text = `${open.repeat(100_000)}1${close.repeat(100_000)}`;
    expect(() => parseLayoutFile(text, 'deep.json')).toThrow(
      /^deep\.json: found objects and lists nested deeper than 16, expected a layout as JSON/,
    );
  });

  test('lists without end', () => {
    const regions = Array.from({ length: 20_000 }, (_, i) => ({
      name: 'x',
      start: 4096 * i,
      end: 4096 * (i + 1),
    }));
    expect(() => booted(changed(board, { 'user.regions': regions }))).toThrow(
      /user\.regions: found .*, expected a list of at most 256 entries/,
    );
  });

  test.each(['__proto__', 'constructor', 'toString'])('a field called %s', (name) => {
    const text = BOARD.replace('"name"', `"${name}": 1, "name"`);
    expect(() => parseLayoutFile(text, 'f.json')).toThrow(UsageError);
  });
});
