/** What the colours mean, and how much of each there is in every lane; a class can be looked at alone. */

import type { PhysicalMap } from '../../../models/physical.ts';
import { opened } from '../../state/store.ts';
import { LaneHeads } from '../lanes.tsx';
import { bytesText } from '../numbers.ts';

interface LegendProps {
  readonly maps: readonly PhysicalMap[];
  /** By lane and class. */
  readonly variables: readonly (readonly string[])[];
  readonly only: string | undefined;
  onOnly(name: string | undefined): void;
}

export function Legend({ maps, variables, only, onOnly }: LegendProps) {
  return (
    <table class="legend" aria-label="Legend">
      <LaneHeads />
      <tbody>
        {namesIn(maps).map((name) => (
          <tr key={name}>
            <th scope="row">
              <button
                type="button"
                class="plain legend-class"
                aria-pressed={only === name}
                title="Look at these alone"
                onClick={() => onOnly(only === name ? undefined : name)}
              >
                <span
                  class="legend-key"
                  style={{ background: `var(${variableOf(maps, variables, name)})` }}
                />
                {name}
              </button>
            </th>
            {maps.map((map, i) => (
              <td key={opened.value!.lanes[i]!.name}>{amount(map, name)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Those of which there is something in some lane. */
function namesIn(maps: readonly PhysicalMap[]): string[] {
  const all = maps.flatMap(({ classes }) =>
    classes.filter(({ frames }) => frames > 0).map(({ name }) => name),
  );
  const order = maps.flatMap(({ classes }) => classes.map(({ name }) => name));
  return [...new Set(all)].sort((a, b) => order.indexOf(a) - order.indexOf(b));
}

function variableOf(
  maps: readonly PhysicalMap[],
  variables: readonly (readonly string[])[],
  name: string,
): string {
  for (const [i, { classes }] of maps.entries()) {
    const cls = classes.findIndex((known) => known.name === name);
    if (cls >= 0) return variables[i]![cls]!;
  }
  return '--muted';
}

function amount({ classes, pageBytes }: PhysicalMap, name: string): string {
  const frames = classes.find((known) => known.name === name)?.frames ?? 0;
  return frames === 0 ? '–' : bytesText(frames * pageBytes);
}
