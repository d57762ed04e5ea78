/** A part of a question: its field, and below it what was found of the answer. */
import { useId } from 'preact/hooks';
import type { AnswerForm, Part } from '../../../../quiz/index.ts';
import { answer, answers, judged, solved } from '../../state/quiz.ts';

export function PartField({ part }: { readonly part: Part }) {
  const id = useId();
  const found = judged.value[part.id];
  const isRight = found?.right === true;
  const field = {
    id,
    value: answers.value[part.id] ?? '',
    disabled: isRight || solved.value,
    'aria-describedby': `${id}-found`,
    ...(found !== undefined && !isRight && { 'aria-invalid': true as const }),
  };
  return (
    <li class="quiz-part">
      <label for={id}>{part.ask}</label>
      {part.answer.form === 'choice' ? (
        <select {...field} onChange={({ currentTarget }) => answer(part.id, currentTarget.value)}>
          <option value="">choose …</option>
          {part.answer.choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input
          {...field}
          class="mono"
          type="text"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder={field.disabled ? '' : EXAMPLES[part.answer.form]}
          onInput={({ currentTarget }) => answer(part.id, currentTarget.value)}
        />
      )}
      <Found id={`${id}-found`} part={part} />
    </li>
  );
}

/** What an answer of this form looks like. */
const EXAMPLES: Readonly<Record<Exclude<AnswerForm['form'], 'choice'>, string>> = {
  hex: '0x…',
  number: 'a number',
  numbers: 'some numbers, or none',
  sequence: 'first letters: h m h …',
};

/** In a word and a sign, not by colour alone. */
function Found({ id, part }: { readonly id: string; readonly part: Part }) {
  const found = judged.value[part.id];
  if (found?.right)
    return (
      <p id={id} class="quiz-found">
        <span class="good">✓ right</span> {part.why}
      </p>
    );
  if (solved.value)
    return (
      <p id={id} class="quiz-found">
        <span class="bad">→</span> <strong class="mono">{part.expected}</strong> {part.why}
      </p>
    );
  return (
    <p id={id} class="quiz-found" aria-live="polite">
      {found !== undefined && (
        <span class="bad">{found.misread === undefined ? '✗ not so' : `expected ${found.misread}`}</span>
      )}
    </p>
  );
}
