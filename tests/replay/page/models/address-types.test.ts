/** The key of address types: one byte, seen from five sides. */
import { describe, expect, test } from 'vitest';
import { ADDRESS_TYPES, addressTypesOf } from '../../../../replay/page/models/address-types.ts';
import { linkedOf } from '../../../../replay/page/models/linked.ts';
import {
  access,
  device,
  dmaMap,
  HIGH,
  mmap,
  PAGE,
  pages,
  RUNNING,
  type Session,
  sessionOf,
  vmalloc,
} from '../../../support/rows.ts';

function busy(): Session {
  return sessionOf('linux-3g1g', 1024).given(
    ...RUNNING,
    mmap(1, 2 * PAGE),
    access(1, 0, 8, 1),
    pages(2, 0),
    vmalloc(3, PAGE),
    pages(4, 0, HIGH),
    { kind: 'kmap', object: 4, page: 0 },
    device(1, 32),
    dmaMap('single', 2, 1, 0x10, 0x20),
  );
}

const { machine } = busy();

/** By type: the notes of its addresses, or why there are none. */
function told(object: number, offset = 0n): Record<string, string> {
  const { address, pid } = linkedOf(machine, { kind: 'object', object });
  return Object.fromEntries(
    addressTypesOf(machine, address! + offset, pid).map(({ type, isAsked, addresses, none }) => [
      type,
      `${isAsked ? '*' : ''}${none ?? addresses.map(({ note }) => note).join('; ')}`,
    ]),
  );
}

test('memory of alloc_pages, part of it mapped for a device', () => {
  expect(told(2, 0x10n)).toMatchObject({
    'user-virtual': 'no process has it mapped',
    'kernel-logical': '*direct map',
    'kernel-virtual': 'mapped nowhere but in the direct map and by processes',
    physical: expect.stringMatching(/^in frame 0x/),
    bus: 'device 1, at its physical address',
  });
  expect(told(2, 0x30n).bus).toBe(
    'mapped for no device; without an IOMMU a device would take the physical address',
  );
});

test('memory of a process: high, so it has no logical address', () => {
  expect(told(1)).toMatchObject({
    'user-virtual': '*process 1, object 1',
    'kernel-logical': 'high memory is not in the direct map: use kmap()',
    bus: expect.stringMatching(/^mapped for no device/),
  });
});

test('memory of vmalloc, and a page that kmap() has lent an address', () => {
  expect(told(3)['kernel-virtual']).toBe('*vmalloc, object 3');
  expect(told(4)['kernel-virtual']).toBe('*kmap');
});

test('what is not mapped is nothing else', () => {
  expect(
    addressTypesOf(machine, linkedOf(machine, { kind: 'object', object: 1 }).address! + 4096n, 1),
  ).toMatchObject(
    ADDRESS_TYPES.map((type) =>
      type === 'user-virtual'
        ? { type, isAsked: true, addresses: [{ note: 'not mapped' }] }
        : { type, isAsked: false, addresses: [], none: expect.stringMatching(/^mapped, but never touched/) },
    ),
  );
});

describe('addresses are to the byte', () => {
  test('of all types', () => {
    const { address } = linkedOf(machine, { kind: 'object', object: 2 });
    for (const { addresses } of addressTypesOf(machine, address! + 0x10n))
      for (const { address } of addresses) expect(address % 4096n).toBe(0x10n);
  });
});
