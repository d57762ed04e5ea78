/** What may help, in the order of what it takes, with what it costs; and what does not, and why. */
import type { Found } from '../advice.tsx';

type Row = Found['cures'][number] | Found['doesNotHelp'][number];

export function Cures({ found: { cures, doesNotHelp, reproduces, line, trace } }: { readonly found: Found }) {
  if (line === null && (trace === null || trace.failures === 0)) return null;
  return (
    <>
      <section>
        <h3>What may help, what takes least first</h3>
        {reproduces === false && (
          <p class="muted">
            Under its own layout the replay does not refuse: what was tried shows room, not a cure.
          </p>
        )}
        {cures.length === 0 ? (
          <p class="muted">Nothing that was tried cures it.</p>
        ) : (
          <Rows rows={cures} mark="✓" />
        )}
      </section>
      {doesNotHelp.length > 0 && (
        <section>
          <h3>What does not help</h3>
          <Rows rows={doesNotHelp} mark="✗" />
        </section>
      )}
    </>
  );
}

function Rows({ rows, mark }: { readonly rows: readonly Row[]; readonly mark: string }) {
  return (
    <ul class="advice-cures">
      {rows.map((row) => (
        <li key={row.name}>
          <span aria-hidden="true">{mark}</span>
          <p>
            <strong>{row.name}</strong> <span class="advice-how">{howOf(row)}</span>
          </p>
          <p class="muted">{row.why}</p>
        </li>
      ))}
    </ul>
  );
}

/** What it takes, and how one knows. */
function howOf(row: Row): string {
  const how = 'lane' in row ? 'replayed' : 'by rule';
  return 'means' in row ? `${row.means}, ${how}` : how;
}
