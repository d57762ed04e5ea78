/** The figures of every lane at the moment: what `vmsplit replay` tells at the end. */
import { Fragment } from 'preact';
import { opened } from '../../state/store.ts';
import { useModel } from '../../state/use-model.ts';
import { Answered } from '../answered.tsx';

export function Figures() {
  return (
    <Answered answer={useModel('figures', undefined)}>
      {({ groups }) => (
        <table>
          <thead>
            <tr>
              <td />
              {opened.value!.lanes.map(({ name }, i) => (
                <th key={name} scope="col" class={`lane-key lane-${i % 6}`}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          {groups.map(({ title, rows }) => (
            <tbody key={title}>
              <tr>
                <th scope="rowgroup" colSpan={9}>
                  <strong>{title}</strong>
                </th>
              </tr>
              {rows.map(({ label, cells }) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {cells.map((cell, i) => (
                    <td key={i}>
                      {cell.split('\n').map((line) => (
                        <Fragment key={line}>
                          {line}
                          <br />
                        </Fragment>
                      ))}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          ))}
        </table>
      )}
    </Answered>
  );
}
