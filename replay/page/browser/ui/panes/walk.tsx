/** The walk of the address that is picked, drawn for every lane: which bits index which table, and where each entry leads. */

import { selectedByLane } from '../../state/selected.ts';
import { opened, selection } from '../../state/store.ts';
import { useModel } from '../../state/use-model.ts';
import { Answered } from '../answered.tsx';
import { laneKey } from '../lanes.tsx';
import { WalkFigure } from '../walk/walk-figure.tsx';
import '../walk/walk.css';

export function Walk() {
  const picked = selection.value;
  const answer = useModel('walks', { selection: picked });
  if (picked === undefined)
    return (
      <p class="muted">
        Nothing is picked. Pick an object, an address or a page frame in another view to see how the processor
        finds it.
      </p>
    );
  return (
    <Answered answer={answer}>
      {(walks) => (
        <>
          {walks.map((walk, i) => {
            const { name, wordBits } = opened.value!.lanes[i]!;
            return (
              <section key={name} class="walk-lane">
                <h3 class={laneKey(i)}>{name}</h3>
                {walk === null ? (
                  <p class="muted">{whyNone(i)}</p>
                ) : (
                  <WalkFigure walk={walk} wordBits={wordBits} />
                )}
              </section>
            );
          })}
        </>
      )}
    </Answered>
  );
}

function whyNone(lane: number): string {
  const linked = selectedByLane.value[lane]?.linked;
  if (linked === undefined) return '…';
  return linked.isThere ? `${linked.text}: it has no virtual address` : linked.text;
}
