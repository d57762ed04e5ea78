/** The figures of every lane at the moment: what `vmsplit replay` tells at the end. */

import { Fragment } from 'preact';
import { useModel } from '../../state/use-model.ts';
import { Answered } from '../answered.tsx';
import { LaneHeads } from '../lanes.tsx';

export function Figures() {
  return (
    <Answered answer={useModel('figures', undefined)}>
      {({ groups }) => (
        <table>
          <LaneHeads />
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
