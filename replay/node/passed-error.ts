/** Errors on their way out of a worker: a clone loses what kind of error it was, and what the system said of it. */
import { UsageError } from '../../core/base/errors.ts';

export interface PassedError {
  readonly isUsage: boolean;
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  /** Of the operating system. */
  readonly code?: string | undefined;
  readonly path?: string | undefined;
}

export function passedError(error: unknown): PassedError {
  if (!(error instanceof Error)) return { isUsage: false, name: 'Error', message: String(error) };
  const { name, message, stack, code, path } = error as NodeJS.ErrnoException;
  return { isUsage: error instanceof UsageError, name, message, stack, code, path };
}

/** The same error in this thread: of the same kind as far as anybody asks, with the same words. */
export function receivedError({ isUsage, name, message, ...told }: PassedError): Error {
  const error = isUsage ? new UsageError(message) : new Error(message);
  Object.defineProperty(error, 'name', { value: name });
  return Object.assign(error, Object.fromEntries(Object.entries(told).filter(([, value]) => value)));
}
