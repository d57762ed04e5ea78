/**
 * Back-pressure. An observable pushes; an iterable is asked. Here the pipeline's own end asks: what it is through with
 * goes back, as a request for the next value, to where the values come from.
 *
 *     request$ ──concatMap──> values.next() ──> work ─┬─> what comes out
 *        ^                                            │
 *        └────────────── one is done ─────────────────┘
 */
import {
  BehaviorSubject,
  concatMap,
  connect,
  defer,
  filter,
  finalize,
  map,
  merge,
  type Observable,
  type ObservableNotification,
  type OperatorFunction,
  takeUntil,
  takeWhile,
  tap,
} from 'rxjs';

type Answer<T> = IteratorResult<T, unknown>;

/**
 * The values of an iterable through `work`, which emits once a value, when it is through with it: only then the next
 * value is asked for. At `until$` nothing more is asked for; what is under way is finished. The iterable is closed in
 * any case.
 *
 * Emits notifications: the last is of kind C when the iterable has come to its own end, and missing when `until$` was
 * first. Errors, of the iterable or of `work`, are the stream's.
 */
export function pulled<T, R>(
  source: Iterable<T> | AsyncIterable<T>,
  work: OperatorFunction<T, R>,
  until$: Observable<unknown>,
): Observable<ObservableNotification<R>> {
  return defer(() => {
    const values = iteratorOf(source);
    const request$ = new BehaviorSubject<unknown>(undefined);
    const through$ = (answer$: Observable<Answer<T>>) =>
      answer$.pipe(
        takeWhile((answer) => answer.done !== true),
        map(({ value }) => value as T),
        work,
        map((value) => ({ kind: 'N' as const, value })),
        tap(() => request$.next(undefined)),
      );
    const end$ = (answer$: Observable<Answer<T>>) =>
      answer$.pipe(
        filter(({ done }) => done === true),
        map(() => ({ kind: 'C' as const })),
      );
    return request$.pipe(
      // Awaited even if the iterator is a plain one: else every batch would be a level deeper on the stack.
      concatMap(async () => values.next()),
      takeUntil(until$),
      takeWhile(({ done }) => done !== true, true),
      connect((answer$) => merge(through$(answer$), end$(answer$))),
      finalize(() => void close(values)),
    );
  });
}

function iteratorOf<T>(source: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
}

/** When the run has its result already, and nobody waits for this: a source that waits for input closes after it. */
async function close(values: Iterator<unknown> | AsyncIterator<unknown>): Promise<void> {
  try {
    await values.return?.();
  } catch {}
}
