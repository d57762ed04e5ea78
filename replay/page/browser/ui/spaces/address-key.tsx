/** The five sorts of addresses of LDD3 as a live key: of what is picked, what it is in each of them, in every lane. */

import { ADDRESS_TYPES, type TypeRow } from '../../../models/address-types.ts';
import type { Selected } from '../../../models/by-lane.ts';
import { opened } from '../../state/store.ts';
import { laneKey } from '../lanes.tsx';
import { addressText } from '../numbers.ts';

/** By type: its name, and what LDD3 says of it in a few words. */
const TYPES: Readonly<Record<TypeRow['type'], readonly [name: string, meaning: string]>> = {
  'user-virtual': ['user virtual', 'what programs see: each process has its own'],
  'kernel-logical': ['kernel logical', 'a constant away from the physical address'],
  'kernel-virtual': ['kernel virtual', 'mapped page by page: vmalloc, kmap, ioremap'],
  physical: ['physical', 'between the processor and memory'],
  bus: ['bus', 'between devices and memory'],
};

const SHOWN = 3;

export function AddressKey({ selected }: { readonly selected: readonly Selected[] }) {
  const lanes = opened.value!.lanes;
  const isTold = selected.some(({ types }) => types.length > 0);
  return (
    <table class="address-key" aria-label="The five types of addresses">
      {isTold && (
        <thead>
          <tr>
            <td />
            {lanes.map(({ name }, i) => (
              <th key={name} scope="col" class={laneKey(i)}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
      )}
      <tbody>
        {ADDRESS_TYPES.map((type) => (
          <tr key={type}>
            <th scope="row" class={`address-type type-${type}`} title={TYPES[type][1]}>
              {TYPES[type][0]}
            </th>
            {isTold ? (
              selected.map(({ types }, i) => (
                <Cell
                  key={lanes[i]!.name}
                  row={types.find((row) => row.type === type)}
                  wordBits={lanes[i]!.wordBits}
                />
              ))
            ) : (
              <td class="muted">{TYPES[type][1]}</td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ row, wordBits }: { readonly row: TypeRow | undefined; readonly wordBits: number }) {
  if (row === undefined) return <td class="muted">–</td>;
  if (row.none !== undefined) return <td class="muted address-none">{row.none}</td>;
  const isVirtual = row.type !== 'physical' && row.type !== 'bus';
  return (
    <td class={row.isAsked ? 'address-asked' : ''}>
      {row.addresses.slice(0, SHOWN).map(({ address, note }) => (
        <div key={`${address} ${note}`}>
          <span class="mono">{addressText(address, isVirtual ? wordBits : 32)}</span>{' '}
          <span class="muted">{note}</span>
        </div>
      ))}
      {row.addresses.length > SHOWN && <span class="muted">and {row.addresses.length - SHOWN} more</span>}
    </td>
  );
}
