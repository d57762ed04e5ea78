/** What __pa and __va give, and where they give a number that means nothing. */
import { GIB } from '../../../core/base/units.ts';
import type { Explanation } from '../../../core/explain/explain.ts';
import type { Conversion } from '../../../core/explain/macros.ts';
import { toHex } from '../../../core/layout/regions.ts';
import { explained, type Sample, sampleAddresses } from '../machine/addresses.ts';
import { shuffled } from '../machine/draw.ts';
import { hexPart, text, yesNoPart } from '../question/parts.ts';
import type { Part } from '../question/question.ts';
import type { QuestionKind } from './kind.ts';
import { constantsText, regionsTable } from './regions.ts';

const MOST_CALLS = 4;

export const macros: QuestionKind = {
  name: 'macros',
  title: 'What do __pa and __va give?',
  source: 'LDD3 ch. 15, Address Types; Gorman ch. 3, Mapping Addresses to a struct page',
  usual: [
    ...[
      { layout: 'linux-3g1g', ramBytes: 2n * GIB },
      { layout: 'linux-2g2g', ramBytes: 4n * GIB },
    ],
    ...[{ layout: 'linux-x86_64' }, { layout: 'linux-arm-3g1g' }, { layout: 'ostep' }],
  ],
  unfit: () => undefined,
  ask(ground, random) {
    const { layout } = ground;
    const machine = sampleAddresses(ground, random);
    const asked = machine.samples.filter(({ space, sort }) => space !== 'bus' && sort !== 'hole');
    const chosen = shuffled(asked, random).slice(0, MOST_CALLS);
    const calls = chosen.map((sample) => callOf(sample, explained(machine, sample)));
    const hex = (address: bigint): string => toHex(layout, address);
    return {
      given: [text(`${constantsText(layout)}.`), regionsTable(layout)],
      parts: calls.flatMap((call, i) => partsOf(call, i + 1, hex)),
      hint: 'both only add or subtract a constant, and never look whether that means anything',
      steps: calls.map(
        ({ macro, from, to, found }) =>
          `${macro}(${hex(from)}) = ${hex(to.address)}: ${to.reason}; ${found.meaning}`,
      ),
    };
  },
};

interface Call {
  readonly macro: '__pa' | '__va';
  readonly from: bigint;
  readonly to: Conversion;
  readonly found: Explanation;
}

function callOf({ space, address }: Sample, found: Explanation): Call {
  return space === 'virtual'
    ? { macro: '__pa', from: address, to: found.pa!, found }
    : { macro: '__va', from: address, to: found.va!, found };
}

function partsOf({ macro, from, to }: Call, number: number, hex: (address: bigint) => string): Part[] {
  const call = `${macro}(${hex(from)})`;
  const meant =
    macro === '__pa'
      ? 'the physical address of that byte'
      : 'an address by which the kernel reaches that byte';
  return [
    hexPart(`value-${number}`, `${call} gives`, to.address, to.reason),
    yesNoPart(`means-${number}`, `is that ${meant}`, to.legal, to.reason),
  ];
}
