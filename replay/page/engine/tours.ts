/** The worked examples as tours: a run to open, and scenes that say where to look and what happens there. */
import { EXAMPLES, type Example } from '../../../workloads/index.ts';
import type { Tour } from './protocol.ts';

export function toursOf(): Tour[] {
  return EXAMPLES.map((example) => ({
    name: example.name,
    title: example.title,
    doc: example.doc,
    source: example.source,
    spec: JSON.stringify(specOf(example)),
    scenes: scenesOf(example),
  }));
}

/** On the machine that the example is meant for. */
function specOf({ name, layout, ramBytes, machine }: Example): object {
  const thp = machine?.thp;
  return {
    version: 1,
    events: { workload: name },
    machine: { ram: ramBytes, ...(thp !== undefined && { thp }) },
    lanes: [{ layout }],
  };
}

function scenesOf({ scenes }: Example): Tour['scenes'] {
  let first = 0;
  return scenes.map(({ says, becomes, events }) => {
    const kinds = [...new Set(events.map(({ kind }) => kind))];
    const scene = { says, becomes, first, count: events.length, kinds };
    first += events.length;
    return scene;
  });
}
