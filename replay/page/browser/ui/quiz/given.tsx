/** What a question tells: sentences, and tables of addresses and bytes. */
import type { Given } from '../../../../quiz/index.ts';

export function GivenBlock({ given }: { readonly given: Given }) {
  if (given.form === 'text') return <p class="quiz-text">{given.text}</p>;
  const { head, rows } = given;
  return (
    <section
      class="quiz-table"
      aria-label={head[0]!}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls is reached by keyboard
      tabIndex={0}
    >
      <table>
        <thead>
          <tr>
            {head.map((title, i) => (
              <th key={i} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, column) => (
                <td key={column} class={isProse(cell) ? '' : 'mono'}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Words are read as such, and broken where there is no room; numbers and calls stay whole. */
function isProse(cell: string): boolean {
  return /^[a-z]{2,}( [a-z()_-]+)+/i.test(cell) && !/[(=]\w/.test(cell);
}
