/** The quiz: a question, fields for its answers, and what is to be said of them. */
import { useEffect, useRef } from 'preact/hooks';
import {
  ask,
  asked,
  checkAnswers,
  hinted,
  isDone,
  nextQuestion,
  number,
  problem,
  score,
  solved,
  tellSolution,
} from '../../state/quiz.ts';
import { CopyButton } from '../copy-button.tsx';
import { Choice } from './choice.tsx';
import { GivenBlocks } from './given.tsx';
import { PartField } from './part-field.tsx';
import './quiz.css';

export function Quiz() {
  useEffect(() => {
    if (asked.value === undefined) void ask();
  }, []);
  return (
    <section class="quiz" aria-label="Quiz">
      <Choice />
      {problem.value !== undefined && (
        <p class="bad" role="alert">
          {problem.value}
        </p>
      )}
      {asked.value !== undefined && <Question key={asked.value.question.id + asked.value.question.machine} />}
    </section>
  );
}

function Question() {
  const { question, command } = asked.value!;
  const next = useRef<HTMLButtonElement>(null);
  const head = useRef<HTMLHeadingElement>(null);
  // Whoever goes on by keyboard goes on from the top of the next question.
  useEffect(() => {
    if (number.value > 1) head.current?.focus();
  }, []);
  const check = (event: SubmitEvent): void => {
    event.preventDefault();
    checkAnswers();
    if (isDone.value) next.current?.focus();
  };
  return (
    <article>
      <h2 ref={head} tabIndex={-1}>
        {number.value}. {question.title}
      </h2>
      <p class="muted">On {question.machine}</p>
      <GivenBlocks given={question.given} />
      <form class="quiz-parts" onSubmit={check}>
        <ol>
          {question.parts.map((part) => (
            <PartField key={part.id} part={part} />
          ))}
        </ol>
        <div class="quiz-actions no-print">
          <button type="submit" class={isDone.value ? '' : 'primary'}>
            Check
          </button>
          <button type="button" aria-expanded={hinted.value} onClick={() => (hinted.value = !hinted.value)}>
            Hint
          </button>
          <button type="button" disabled={solved.value} onClick={tellSolution}>
            Solution
          </button>
          <button ref={next} type="button" class={isDone.value ? 'primary' : ''} onClick={nextQuestion}>
            Next question
          </button>
          <Score />
        </div>
      </form>
      {hinted.value && (
        <p class="quiz-hint">
          <strong>Hint</strong> {question.hint}
        </p>
      )}
      {isDone.value && <Solution />}
      <p class="quiz-source muted">
        See {question.source}. In a terminal: <code>{command}</code>{' '}
        <CopyButton text={() => command} label="Copy" what="the command" />
      </p>
    </article>
  );
}

function Score() {
  const { right, of } = score.value;
  return (
    <span class="quiz-score" role="status">
      {of > 0 && `${right.toLocaleString()} of ${of.toLocaleString()} right at the first try`}
    </span>
  );
}

function Solution() {
  return (
    <section class="quiz-solution" aria-label="Solution">
      <h3>How one comes to it</h3>
      <ul>
        {asked.value!.question.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ul>
    </section>
  );
}
