/** A view of what the engine answered; while there is nothing yet it says so, and why there is nothing. */
import type { ComponentChildren } from 'preact';

interface AnsweredProps<T> {
  readonly answer: { readonly result: T | undefined; readonly error: string | undefined };
  children(result: T): ComponentChildren;
}

export function Answered<T>({ answer: { result, error }, children }: AnsweredProps<T>) {
  if (error !== undefined) return <p class="bad">{error}</p>;
  if (result === undefined) return <p class="muted">…</p>;
  return <>{children(result)}</>;
}
