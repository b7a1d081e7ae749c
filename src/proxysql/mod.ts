export { type Act, type ActOutcome, ACTS, carryOut, type Conclude, type Intend } from "./act.ts";
export { type ActRecord, actRecord, type ActRecordOptions } from "./act_record.ts";
export { Admin, type AdminState, type AdminTarget } from "./admin.ts";
export { AdminError, type AdminErrorKind, adminWords } from "./admin_error.ts";
export { dumpDigests, type Dumped, type DumpOptions, type Manifest } from "./digest_dump.ts";
export { DigestStore, DumpError } from "./digest_store.ts";
export { drain, drainingSince, drainStatements, forgetDrain, resume } from "./drain.ts";
export { DrainFileError } from "./drain_file.ts";
export type { Drained, DrainOptions, DrainStep } from "./drain_options.ts";
export { DUMP_COLUMNS } from "./dump_column.ts";
export { DumpStream } from "./dump_file.ts";
export { dumpName, tidyFolder } from "./dump_folder.ts";
export {
  DRAINS,
  type Health,
  healthOf,
  isThere,
  type Probe,
  PROBES,
  type Readiness,
  readReadiness,
} from "./health.ts";
export { digestMemory, purgeDigests } from "./purge.ts";
export { type ProxySession } from "./session.ts";
export { sessionText } from "./session_text.ts";
export { type Statement, STATEMENTS } from "./statement.ts";
export { type Backend, backendOf, readStatus, type Status } from "./status.ts";
export { newUuid, uuidV7 } from "./uuid.ts";
export { jsonOf } from "./value.ts";
