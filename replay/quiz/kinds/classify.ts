/** Which type of address is it, of the five of LDD3, and does arithmetic alone lead to its physical address? */

import { GIB, MIB } from '../../../core/base/units.ts';
import type { Explanation } from '../../../core/explain/explain.ts';
import { toHex } from '../../../core/layout/regions.ts';
import { ADDRESSES } from '../../../core/outcome/outcome.ts';
import { explained, type Sample, sampleAddresses } from '../machine/addresses.ts';
import { shuffled } from '../machine/draw.ts';
import { choicePart, hexPart, numbersPart, table, text } from '../question/parts.ts';
import type { Part } from '../question/question.ts';
import type { QuestionKind } from './kind.ts';
import { constantsText, regionsTable } from './regions.ts';

/** Where somebody reads the number; of a virtual address that is no hint. */
const SEEN: Record<Sample['space'], string> = {
  virtual: 'a pointer in a register of the cpu',
  physical: 'the address that a page-table entry holds, with the offset',
  bus: 'what dma_map_single() returned for a device',
};
const NO_ADDRESS = 'no address';
const MOST_ROWS = 6;

export const classify: QuestionKind = {
  name: 'classify',
  title: 'What type of address is it?',
  source: 'LDD3 ch. 15, Address Types; OSTEP ch. 23',
  usual: [
    ...[{ layout: 'linux-3g1g' }, { layout: 'linux-3g1g', ramBytes: 2n * GIB }, { layout: 'linux-2g2g' }],
    ...[{ layout: '3g1g', ramBytes: 512n * MIB }, { layout: 'linux-x86_64' }, { layout: 'ostep' }],
  ],
  unfit: () => undefined,
  ask(ground, random) {
    const { layout } = ground;
    const machine = sampleAddresses(ground, random);
    const chosen = shuffled(machine.samples, random).slice(0, MOST_ROWS);
    const rows = chosen.map((sample, i) => ({ number: i + 1, sample, found: explained(machine, sample) }));
    const hex = (address: bigint): string => toHex(layout, address);
    const constant = rows.filter(
      ({ sample, found }) => sample.space === 'virtual' && found.pa?.legal === true,
    );
    return {
      given: [
        text(`${constantsText(layout)}.`),
        regionsTable(layout),
        text('The kernel is looked at while a process runs. These numbers are seen:'),
        table(
          ['number', 'value', 'what it is'],
          rows.map(({ number, sample }) => [String(number), hex(sample.address), SEEN[sample.space]]),
        ),
      ],
      parts: [
        ...rows.map(({ number, found }) => typePart(number, found, hex)),
        numbersPart(
          'constant',
          'which of the pointers lie a constant away from their physical address (their numbers)',
          constant.map(({ number }) => number),
          'number',
          'the direct map, and a second mapping of the kernel where there is one',
        ),
        ...constant
          .slice(0, 1)
          .map(({ number, found }) =>
            hexPart(
              'physical',
              `the physical address of number ${number}`,
              found.pa!.address,
              found.pa!.reason,
            ),
          ),
      ],
      hint: 'for a pointer, look for its region; physical and bus addresses are told by who uses them',
      steps: rows.map(({ number, found }) => `${number}: ${stepOf(found, hex)}`),
    };
  },
};

/** As outcomes name them. */
const CHOICES = [
  ...ADDRESSES.filter(({ name }) => name !== 'none').map(({ name }) => name.replace('-', ' ')),
  NO_ADDRESS,
];

function typePart(number: number, found: Explanation, hex: (address: bigint) => string): Part {
  return choicePart(
    `type-${number}`,
    `number ${number}, ${hex(found.address)}`,
    CHOICES,
    typeText(found),
    found.meaning,
  );
}

function typeText({ type }: Explanation): string {
  return type === 'none' ? NO_ADDRESS : type.replace('-', ' ');
}

function stepOf(found: Explanation, hex: (address: bigint) => string): string {
  const { address, region, meaning } = found;
  const where = region === undefined ? '' : ` in ${region.name}`;
  return `${hex(address)} is ${typeText(found)}${where}: ${meaning}`;
}
