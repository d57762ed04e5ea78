/** Which machine it was, each fact with the line that says so. */
import type { Found } from '../advice.tsx';
import { bytesText } from '../numbers.ts';

export function Board({ found: { machine, figures, trace } }: { readonly found: Found }) {
  const name = machine?.layout ?? trace?.lane;
  return (
    <section>
      <h3>The machine</h3>
      {name === undefined ? (
        <p class="muted">Not known: no file tells of its processor and RAM.</p>
      ) : (
        <table>
          <tbody>
            {machine === null && <Row what="taken as" value={name} />}
            {machine?.facts.map(({ what, value, from }) => (
              <Row key={what} what={what} value={value} from={from} />
            ))}
            {machine?.assumed.map((what) => (
              <Row key={what} what="assumed" value={what} />
            ))}
            {figures !== null && (
              <>
                <Row what="low memory" value={bytesText(figures.lowBytes)} />
                <Row what="vmalloc window" value={bytesText(figures.vmallocBytes)} />
                <Row what="user space" value={bytesText(figures.userBytes)} />
              </>
            )}
          </tbody>
        </table>
      )}
    </section>
  );
}

interface RowProps {
  readonly what: string;
  readonly value: string;
  readonly from?: string;
}

function Row({ what, value, from }: RowProps) {
  return (
    <tr>
      <th scope="row">{what}</th>
      <td>{value}</td>
      <td class="muted">{from}</td>
    </tr>
  );
}
