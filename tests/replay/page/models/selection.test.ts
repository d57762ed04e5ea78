/** Selections as text in a link: inverse, and told what is wrong. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSelection, type Selection, selectionText } from '../../../../replay/page/models/selection.ts';

const number32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

const selections: fc.Arbitrary<Selection> = fc.oneof(
  fc.record({ kind: fc.constant('event' as const), event: fc.maxSafeNat() }),
  fc.record({
    kind: fc.constant('address' as const),
    address: fc.bigInt(0n, (1n << 64n) - 1n),
    pid: fc.option(number32, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('frame' as const), pfn: fc.integer({ min: 0, max: 2 ** 28 - 1 }) }),
  fc.record({ kind: fc.constant('object' as const), object: number32 }),
  fc.record({ kind: fc.constant('process' as const), pid: number32 }),
);

test('what is written is read again', () => {
  fc.assert(
    fc.property(selections, (selection) => {
      expect(parseSelection(selectionText(selection))).toEqual(selection);
    }),
  );
});

test.each<[string, Selection]>([
  ['event:88538', { kind: 'event', event: 88538 }],
  ['address:0xc1234567', { kind: 'address', address: 0xc1234567n, pid: undefined }],
  ['address:0x8049000@3', { kind: 'address', address: 0x8049000n, pid: 3 }],
  ['frame:0x1234', { kind: 'frame', pfn: 0x1234 }],
  ['object:793', { kind: 'object', object: 793 }],
  ['process:0', { kind: 'process', pid: 0 }],
])('%s', (text, selection) => {
  expect(selectionText(selection)).toBe(text);
  expect(parseSelection(text)).toEqual(selection);
});

test('decimal and hexadecimal are both read', () => {
  expect(parseSelection('frame:4660')).toEqual(parseSelection('frame:0x1234'));
  expect(parseSelection('address:4096')).toEqual(parseSelection('address:0x1000'));
});

test.each([
  ['', 'expected event:NUMBER, address:0xADDRESS@PID, frame:NUMBER, object:NUMBER or process:PID'],
  ['file:3', 'expected event:NUMBER'],
  ['object', 'expected event:NUMBER'],
  ['object:', 'expected a whole number from 0 to 4294967295'],
  ['object:4294967296', 'expected a whole number from 0 to 4294967295'],
  ['object:-1', 'expected a whole number'],
  ['object:1.5', 'expected a whole number'],
  ['frame:0x10000000', 'expected a whole number from 0 to 268435455'],
  ['event:9007199254740993', 'expected a whole number'],
  ['address:0x10000000000000000', 'expected an address of at most 64 bits'],
  ['address:18446744073709551616', 'expected an address of at most 64 bits'],
  ['address:c1234567', 'expected an address of at most 64 bits'],
  ['address:0x1000@', 'expected a whole number'],
])("'%s' is refused", (text, message) => {
  expect(() => parseSelection(text)).toThrow(`found selection '${text}', ${message}`);
});
