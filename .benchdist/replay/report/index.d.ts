/** Reports: pure functions from a result to text. */
export { reportJson } from './json.ts';
export { type ReportOptions, reportText } from './text.ts';
