/** What differs between the lanes and why: the first of each sort, one click from its moment. */

import { goTo, opened, pass } from '../../state/store.ts';
import { laneKey } from '../lanes.tsx';
import { countText } from '../numbers.ts';
import './differences.css';

export function Differences() {
  const found = pass.value?.differences;
  if (opened.value!.lanes.length < 2)
    return <p class="muted">There is one lane: nothing to compare it with.</p>;
  if (found === undefined || found.total === 0)
    return <p class="muted">So far every event came out the same in all lanes.</p>;
  return (
    <ol class="differences">
      {found.first.map(({ event, request, count, stories }) => (
        <li key={event}>
          <button type="button" class="link" onClick={() => goTo(event)}>
            Event {countText(event)}
          </button>
          : <span class="mono">{request}</span>
          {count > 1 && <span class="muted"> and {countText(count - 1)} more like it</span>}
          <dl>
            {Object.entries(stories).map(([name, story], i) => (
              <div key={name}>
                <dt class={laneKey(i)}>{name}</dt>
                <dd>{story}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ol>
  );
}
