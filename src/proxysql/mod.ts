export { Admin, type AdminState, type AdminTarget } from "./admin.ts";
export { AdminError, type AdminErrorKind } from "./admin_error.ts";
export { type Health, healthOf, type Probe, PROBES } from "./health.ts";
export { readStatus, type Status } from "./status.ts";
export { jsonOf } from "./value.ts";
