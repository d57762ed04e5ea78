/** What a fleet keeps in Redis: the queue of BullMQ, and beside it results by number of the job. */
export const PREFIX = 'vmsplit';
export const QUEUE = 'jobs';

export const resultKey = (number: string): string => `${PREFIX}:result:${number}`;
/** Who was sent away, and why: told once to whoever asks first. */
export const REFUSALS = `${PREFIX}:refusals`;

/** Results that nobody fetches go by themselves. */
export const RESULT_SECONDS = 7 * 24 * 3600;

/** What a worker says of a job that it has done. */
export interface Done {
  readonly worker: string;
  readonly workMs: number;
  readonly fetchedBytes: number;
}

export interface Refusal {
  readonly worker: string;
  readonly reason: string;
}
