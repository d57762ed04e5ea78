/** Free blocks by order, zone and lane: the figures of /proc/buddyinfo, with bars for the memory that they are. */

import type { PhysicalMap } from '../../../models/physical.ts';
import { opened } from '../../state/store.ts';
import { laneKey } from '../lanes.tsx';
import { bytesText, countText } from '../numbers.ts';

export function FreeBlocks({ maps }: { readonly maps: readonly PhysicalMap[] }) {
  const orders = Math.max(...maps.flatMap(({ zones }) => zones.map(({ freeBlocks }) => freeBlocks.length)));
  return (
    <div class="free-blocks">
      <table>
        <caption>Free blocks by order</caption>
        <thead>
          <tr>
            <th scope="col">zone</th>
            {Array.from({ length: orders }, (_, order) => (
              <th
                key={order}
                scope="col"
                title={`${countText(2 ** order)} frames: ${bytesText(2 ** order * maps[0]!.pageBytes)}`}
              >
                {order}
              </th>
            ))}
          </tr>
        </thead>
        {maps.map(({ zones, pageBytes }, i) => (
          <tbody key={opened.value!.lanes[i]!.name}>
            {zones.map(({ name, freeBlocks, freePages }) => (
              <tr key={name}>
                <th scope="row" class={laneKey(i)}>
                  {name}
                </th>
                {freeBlocks.map((blocks, order) => (
                  <td
                    key={`${order}`}
                    title={`${bytesText(blocks * 2 ** order * pageBytes)} in blocks of order ${order}`}
                  >
                    {blocks === 0 ? <span class="muted">0</span> : countText(blocks)}
                    <Bar share={freePages === 0 ? 0 : (blocks * 2 ** order) / freePages} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function Bar({ share }: { readonly share: number }) {
  return <span class="free-bar" aria-hidden="true" style={{ width: `${Math.round(100 * share)}%` }} />;
}
