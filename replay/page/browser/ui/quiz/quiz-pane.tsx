/** The quiz beside the views of a run, and in the place of the start. */
import { quizOpen } from '../../state/quiz.ts';
import { Quiz } from './quiz.tsx';

export function QuizPane() {
  return (
    <div class="quiz-host">
      <Quiz />
    </div>
  );
}

export function QuizPage() {
  return (
    <main class="quiz-page">
      <p class="quiz-back no-print">
        <button type="button" class="link" onClick={() => (quizOpen.value = false)}>
          ← workloads and worked examples
        </button>
      </p>
      <QuizPane />
    </main>
  );
}
