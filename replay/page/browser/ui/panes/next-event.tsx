/** The event that is met next: what it asks, what each lane makes of it, and what it changes there. */

import { opened } from '../../state/store.ts';
import { useModel } from '../../state/use-model.ts';
import { Answered } from '../answered.tsx';
import { Command } from '../command.tsx';
import { laneKey } from '../lanes.tsx';
import { countText, timeText } from '../numbers.ts';
import './next-event.css';

export function NextEvent() {
  return (
    <Answered answer={useModel('nextEvent', undefined)}>
      {(next) =>
        next === null ? (
          <p class="muted">This is the end of the trace: there is no event to come.</p>
        ) : (
          <article>
            <h2>
              Event {countText(next.event)}: <span class="mono">{next.request}</span>
            </h2>
            <p class="muted">on cpu {next.cpu}</p>
            {next.lanes.map(({ outcome, story, changes }, i) => {
              const { name } = opened.value!.lanes[i]!;
              return (
                <section key={name} class="event-lane">
                  <h3 class={laneKey(i)}>{name}</h3>
                  <p class={outcome.status === 'ok' ? '' : 'bad'}>{story}</p>
                  <p class="muted">takes {timeText(outcome.latencyNs)}</p>
                  <ul>
                    {changes.map((change) => (
                      <li key={change}>{change}</li>
                    ))}
                  </ul>
                </section>
              );
            })}
            <Command line={next.command} />
          </article>
        )
      }
    </Answered>
  );
}
