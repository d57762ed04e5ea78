/** All that logs tell of their machines, line by line, as `layouts --memory-map` does. */
import type { ToldMachine } from '../../../engine/advise-files.ts';

interface MachinesProps {
  readonly machines: readonly ToldMachine[];
  /** Where there is nothing else to read. */
  readonly open: boolean;
}

export function Machines({ machines, open }: MachinesProps) {
  return (
    <>
      {machines.map((machine) => (
        <Machine key={machine.file} machine={machine} open={open} />
      ))}
    </>
  );
}

function Machine({ machine, open }: { readonly machine: ToldMachine; readonly open: boolean }) {
  const { file, source, rows, notes, layout, contradictions, problem } = machine;
  return (
    <details class="advice-log" open={open}>
      <summary>
        What {file}, a {source}, tells, line by line
      </summary>
      <table>
        <thead>
          <tr>
            <th scope="col">line</th>
            <th scope="col">what</th>
            <th scope="col">found</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ what, value, line }, i) => (
            <tr key={i}>
              <td class="muted">{line}</td>
              <td>{what}</td>
              <td class="advice-value">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {layout !== undefined && (
        <p>
          This is the machine of the layout <strong>{layout}</strong>.
        </p>
      )}
      {[...notes, ...contradictions, ...(problem === undefined ? [] : [problem])].map((text) => (
        <p key={text}>{text}</p>
      ))}
    </details>
  );
}
