/** Which questions: of what kind, about which machine, from which seed. */
import { catalog } from '../../state/catalog.ts';
import { choose, kind, lane, seed } from '../../state/quiz.ts';
import { opened } from '../../state/store.ts';

const MOST_SEED = 2 ** 32 - 1;

export function Choice() {
  return (
    <div class="quiz-choice no-print">
      <label>
        Questions{' '}
        <select
          value={kind.value ?? ''}
          onChange={({ currentTarget }) => choose(() => (kind.value = currentTarget.value || undefined))}
        >
          <option value="">of all kinds, in turn</option>
          {catalog.value?.quiz.kinds.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label>
        about{' '}
        <select
          value={lane.value ?? ''}
          onChange={({ currentTarget }) => choose(() => (lane.value = currentTarget.value || undefined))}
        >
          <option value="">a machine that suits each</option>
          <Machines />
        </select>
      </label>
      <label>
        seed{' '}
        <input
          class="quiz-seed"
          type="number"
          min={0}
          max={MOST_SEED}
          value={seed.value}
          onChange={({ currentTarget }) => choose(() => (seed.value = seedIn(currentTarget)))}
        />
      </label>
      <button type="button" onClick={() => choose(() => (seed.value = (seed.value + 1) % (MOST_SEED + 1)))}>
        Other questions
      </button>
    </div>
  );
}

function seedIn({ valueAsNumber }: HTMLInputElement): number {
  return Math.min(Math.max(0, Math.floor(valueAsNumber) || 0), MOST_SEED);
}

/** Those of the run first, then those of exercises, then all others. */
function Machines() {
  const { quiz, layouts } = catalog.value ?? { quiz: { toys: [] }, layouts: [] };
  const lanes = opened.value?.lanes ?? [];
  return (
    <>
      {lanes.length > 0 && (
        <optgroup label="of this run">
          {lanes.map(({ name, text, ramBytes }) => (
            <option key={`lane ${text}`} value={text.includes('ram=') ? text : `${text}:ram=${ramBytes}`}>
              {name}
            </option>
          ))}
        </optgroup>
      )}
      <optgroup label="of exercises">
        {quiz.toys.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </optgroup>
      <optgroup label="all layouts, with 1 GiB">
        {layouts.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </optgroup>
    </>
  );
}
