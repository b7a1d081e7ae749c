export { Admin, type AdminState, type AdminTarget } from "./admin.ts";
export { AdminError, type AdminErrorKind } from "./admin_error.ts";
