/** What the fields of a custom layout have to be together. */
import type { FieldFaults } from './file-fields.ts';
import type { LayoutPlan } from './plan.ts';
export declare function checkPlan(plan: LayoutPlan, faults: FieldFaults): void;
