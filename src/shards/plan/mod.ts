export { bind, type Param } from "./bind.ts";
export { type Catalog, type CatalogTable, catalogTable, type TableKey } from "./catalog.ts";
export { type PlanJson, planJson, planText } from "./explain.ts";
export { type Final, type Merge, narrowed, PART_TABLE, type Seam } from "./merge.ts";
export { type Plan, plan, type PlannedVerb, type Scatter, VERBS } from "./plan.ts";
export { Refusal } from "./refusal.ts";
