/** How a lane is known by sight, wherever it is named: a square in its colour. */
import { opened } from '../state/store.ts';

/** As many colours as base.css has; further lanes begin anew. */
export const LANE_COLOURS = 6;

/** The classes of what has the name of a lane. */
export function laneKey(lane: number): string {
  return `lane-key lane-${lane % LANE_COLOURS}`;
}

/** The head of a table with a column for each lane, behind that of what its rows are called. */
export function LaneHeads() {
  return (
    <thead>
      <tr>
        <td />
        {opened.value!.lanes.map(({ name }, i) => (
          <th key={name} scope="col" class={laneKey(i)}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}
