/** The way to the questions. */
import { quizOpen } from '../../state/quiz.ts';

export function Quiz() {
  return (
    <section class="way" aria-labelledby="way-quiz">
      <h2 id="way-quiz">Questions, answered by a machine</h2>
      <ul class="way-list">
        <li>
          <button type="button" class="way-choice" onClick={() => (quizOpen.value = true)}>
            <strong>quiz</strong>
            <span>types of addresses, page tables, __pa and __va, what fails and why, buddy, TLB, kmap</span>
          </button>
        </li>
      </ul>
    </section>
  );
}
