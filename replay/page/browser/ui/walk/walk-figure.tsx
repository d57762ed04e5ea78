/** One walk: the address in bits, a table for each level, and the page; below it what the TLBs of each cpu know. */
import type { WalkField, WalkModel, WalkRow } from '../../../models/walk.ts';
import { select } from '../../state/store.ts';
import { addressText, bytesText } from '../numbers.ts';

interface WalkFigureProps {
  readonly walk: WalkModel;
  readonly wordBits: number;
}

export function WalkFigure({ walk, wordBits }: WalkFigureProps) {
  const { explained, fields, rows, cpus } = walk;
  const { address, pid, meaning, type } = explained;
  return (
    <div class="walk">
      <p>
        <span class="mono walk-address">{addressText(address, wordBits)}</span>
        <PageSteps walk={walk} />
        {type === 'user-virtual' && pid !== undefined && ` of process ${pid}`}
        <span class="muted">
          {' '}
          {type.replace('-', ' ')}: {meaning}
        </span>
      </p>
      {explained.root !== undefined && (
        <p class="muted">
          root: {explained.root.register}, {explained.root.rule}
        </p>
      )}
      <Bits fields={fields} />
      <div class="walk-way">
        {rows.map((row, i) => (
          <Table key={row.level} row={row} step={i} />
        ))}
        {rows.length === 0 && explained.physical !== undefined && (
          <p class="walk-box">no tables are read here: a constant leads to the physical address</p>
        )}
        <Page walk={walk} />
      </div>
      <Caches walk={walk} />
      {cpus.length === 0 && explained.physical !== undefined && rows.length > 0 && (
        <p class="muted">No cpu keeps anything of this address space in its TLBs.</p>
      )}
    </div>
  );
}

/** To the page below and above. */
function PageSteps({ walk: { explained, fields } }: { readonly walk: WalkModel }) {
  const { address, pid, type } = explained;
  const pageBytes = 1n << BigInt(fields.find(({ name }) => name === 'offset')?.bits ?? 12);
  const stepTo = (next: bigint): void =>
    select({ kind: 'address', address: next, pid: type === 'user-virtual' ? pid : undefined });
  return (
    <span class="walk-steps no-print">
      <button
        type="button"
        class="plain"
        aria-label="A page down"
        disabled={address < pageBytes}
        onClick={() => stepTo(address - pageBytes)}
      >
        −
      </button>
      <button type="button" class="plain" aria-label="A page up" onClick={() => stepTo(address + pageBytes)}>
        +
      </button>
      a page
    </span>
  );
}

/** The fields of the address, each as wide as its bits. */
function Bits({ fields }: { readonly fields: readonly WalkField[] }) {
  if (fields.length === 0) return null;
  return (
    <ol class="walk-bits" aria-label="The address in bits">
      {fields.map((field) => (
        <li
          key={field.name}
          class={field.row === undefined ? 'walk-field' : `walk-field walk-step-${field.row}`}
          style={{ flexGrow: field.bits }}
          title={`bits ${field.low} to ${field.high - 1}`}
        >
          <span class="walk-field-name">
            {field.name} <span class="mono">{valueText(field)}</span>
          </span>
          <span class="mono walk-binary">{field.binary}</span>
          <span class="walk-range">
            {field.high - 1}
            {field.bits > 1 && ` … ${field.low}`}
          </span>
        </li>
      ))}
    </ol>
  );
}

function valueText({ row, value, name }: WalkField): string {
  return row !== undefined || name === 'region' ? String(value) : `0x${value.toString(16)}`;
}

/** A table with the entry that is read, between its neighbours. */
function Table({ row, step }: { readonly row: WalkRow; readonly step: number }) {
  const { level, table, index, entry, entryAddress, flags, bits, softwareEntry, leadsTo } = row;
  return (
    <section class={`walk-box walk-table walk-step-${step}`} aria-label={`Table ${level}`}>
      <h4>
        {level}{' '}
        <button type="button" class="link" onClick={() => select({ kind: 'frame', pfn: table.pfn })}>
          frame 0x{table.pfn.toString(16)}
        </button>
      </h4>
      <div class="walk-entries mono" aria-hidden="true">
        <span />
        <span />
      </div>
      <p class="walk-entry mono">
        [{index}] {entry === 0n ? '0' : `0x${entry.toString(16)}`}
      </p>
      <div class="walk-entries mono" aria-hidden="true">
        <span />
        <span />
      </div>
      <p class="muted walk-where">
        at physical <span class="mono">0x{entryAddress.toString(16).padStart(8, '0')}</span>
      </p>
      {entry === 0n ? (
        <p class="bad">not present: the walk ends here</p>
      ) : (
        <ul class="walk-flags">
          {flags.map((flag) => (
            <li key={flag}>{flag}</li>
          ))}
        </ul>
      )}
      {bits !== undefined && <BitList title={`${level} bits`} bits={bits} />}
      {softwareEntry !== undefined && (
        <BitList
          title={`Linux’s own entry 0x${softwareEntry.entry.toString(16)}`}
          bits={softwareEntry.bits}
        />
      )}
      {leadsTo === 'nothing' && entry !== 0n && <p class="muted">no page: it is in the swap area</p>}
    </section>
  );
}

type NamedBits = NonNullable<WalkRow['bits']>;

function BitList({ title, bits }: { readonly title: string; readonly bits: NamedBits }) {
  return (
    <details class="walk-bit-list">
      <summary>{title}</summary>
      <dl>
        {bits.map(({ name, value, meaning }) => (
          <div key={name}>
            <dt class="mono">
              {name} {value}
            </dt>
            {meaning !== undefined && <dd class="muted">{meaning}</dd>}
          </div>
        ))}
      </dl>
    </details>
  );
}

/** Where it ends: the frame and the byte in it, or why there is none. */
function Page({ walk: { explained, rows } }: { readonly walk: WalkModel }) {
  const { physical, frame, unmapped } = explained;
  if (physical === undefined || frame === undefined)
    return (
      <section class="walk-box walk-end" aria-label="Not mapped">
        <h4 class="bad">not mapped</h4>
        <p>{unmapped}</p>
      </section>
    );
  const bytes = rows.at(-1)?.page?.bytes;
  return (
    <section class="walk-box walk-end" aria-label="Page">
      <h4>
        {bytes === undefined ? 'memory' : `${bytesText(bytes)} page`}{' '}
        <button type="button" class="link" onClick={() => select({ kind: 'frame', pfn: frame.pfn })}>
          frame 0x{frame.pfn.toString(16)}
        </button>
      </h4>
      <p class="walk-entry mono">0x{physical.toString(16).padStart(8, '0')}</p>
      <p>
        {frame.use}
        {frame.owner !== '' && <span class="muted"> ({frame.owner})</span>}
      </p>
      {frame.zone !== undefined && (
        <p class="muted">
          zone {frame.zone}, {frame.memory} memory{frame.references > 1 && `, ${frame.references} references`}
        </p>
      )}
    </section>
  );
}

/** A row for each cpu: every TLB, whether it has the page, and where a walk would begin. */
function Caches({ walk: { cpus, rows } }: { readonly walk: WalkModel }) {
  if (cpus.length === 0) return null;
  return (
    <table class="walk-caches">
      <caption>What each cpu knows of the page</caption>
      <tbody>
        {cpus.map(({ cpu, mode, parts, beginsAt }) => {
          const nrRead = rows.length - beginsAt;
          return (
            <tr key={`${cpu} ${mode}`}>
              <th scope="row">
                cpu {cpu}
                {mode !== 'any' && `, ${mode} mode`}
              </th>
              <td>
                <ul class="walk-parts">
                  {parts.map(({ name, holds, hit }) => (
                    <li key={name} class={hit ? 'walk-hit' : ''} title={TITLES[holds]}>
                      {hit ? '✓' : '–'} {name}
                    </li>
                  ))}
                </ul>
              </td>
              <td class="muted">
                a walk would read {nrRead} {nrRead === 1 ? 'entry' : 'entries'}
                {rows[beginsAt] !== undefined && `, from ${rows[beginsAt].level} on`}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const TITLES = {
  pages: 'a TLB: it holds pages',
  tables: 'a walk cache: it holds tables, and shortens walks',
};
