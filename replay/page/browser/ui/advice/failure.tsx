/** What failed, and why; where nothing did, how much room there is. */
import type { Found } from '../advice.tsx';
import { bytesText, countText } from '../numbers.ts';

const KIB = 1024;

export function Failure({ found }: { readonly found: Found }) {
  const { verdict, line, trace } = found;
  if (line !== null) return <Refused found={found} />;
  if (trace !== null) return <InRecording trace={trace} />;
  return (
    <section class="advice-verdict verdict-none">
      <h3>{verdict === null ? 'Nothing failed, in what these files tell' : verdict.kind}</h3>
      <Lines lines={found.room} />
    </section>
  );
}

function Refused({ found }: { readonly found: Found }) {
  const { request, line, verdict, count, others, zones, holders, reclaimableKib, largestProcess } = found;
  const at = verdict !== null && 'line' in verdict ? `line ${countText(verdict.line)}` : '';
  return (
    <section class="advice-verdict" aria-label="What failed">
      <h3>
        {request}{' '}
        <span class="muted">
          {at}
          {count > 1 && `, ${countText(count)} times`}
        </span>
      </h3>
      <p class="advice-why">{line}</p>
      {zones.length > 0 && (
        <table>
          <tbody>
            {zones.map(({ zone, answer }) => (
              <tr key={zone}>
                <th scope="row">{zone}</th>
                <td>{answer}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {holders.length > 0 && (
        <p>
          Held by {holders.map(({ what, kib }) => `${what} ${bytesText(kib * KIB)}`).join(', ')}
          {reclaimableKib !== null &&
            `; ${bytesText(reclaimableKib * KIB)} of page cache and slab could be given back`}
        </p>
      )}
      {largestProcess !== null && (
        <p>
          The largest process, {largestProcess.name}, has {bytesText(largestProcess.bytes)} mapped
        </p>
      )}
      {others.length > 0 && (
        <p class="muted">Also {others.map((one) => `${one.count} of ${one.verdict.kind}`).join(', ')}</p>
      )}
    </section>
  );
}

function InRecording({ trace }: { readonly trace: NonNullable<Found['trace']> }) {
  const { failures, events, name, first, kind } = trace;
  return (
    <section class={`advice-verdict ${failures === 0 ? 'verdict-none' : ''}`} aria-label="What failed">
      <h3>
        {countText(failures)} requests fail among {countText(events)} events of {name}
      </h3>
      {first !== undefined && (
        <p class="advice-why">
          {kind}: {first.reason}: {first.detail} (event {countText(first.event)}: {first.request})
        </p>
      )}
    </section>
  );
}

function Lines({ lines }: { readonly lines: readonly string[] }) {
  return (
    <>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </>
  );
}
