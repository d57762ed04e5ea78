/** What a question tells: sentences, and tables of addresses and bytes, those in a row side by side as far as they fit. */
import type { Given } from '../../../../quiz/index.ts';

type Table = Extract<Given, { readonly form: 'table' }>;

export function GivenBlocks({ given }: { readonly given: readonly Given[] }) {
  return (
    <>
      {inRows(given).map((block, i) =>
        typeof block === 'string' ? (
          <p key={i} class="quiz-text">
            {block}
          </p>
        ) : (
          <div key={i} class="quiz-tables">
            {block.map((table) => (
              <GivenTable key={table.head[0]!} table={table} />
            ))}
          </div>
        ),
      )}
    </>
  );
}

function inRows(given: readonly Given[]): (string | Table[])[] {
  const blocks: (string | Table[])[] = [];
  for (const one of given) {
    const last = blocks.at(-1);
    if (one.form === 'text') blocks.push(one.text);
    else if (Array.isArray(last)) last.push(one);
    else blocks.push([one]);
  }
  return blocks;
}

function GivenTable({ table: { head, rows } }: { readonly table: Table }) {
  const fonts = head.map((_, column) => (isProse(rows.map((row) => row[column]!)) ? '' : 'mono'));
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
                <td key={column} class={fonts[column]}>
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

/** Words are read as such, and broken where there is no room; numbers and calls stand below each other, and stay whole. */
function isProse(cells: readonly string[]): boolean {
  return (
    cells.some((cell) => cell.includes(' ')) && !cells.some((cell) => /^\d|0x|=|^[0-9a-f]{2} /.test(cell))
  );
}
