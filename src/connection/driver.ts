// A file of its own, to be loaded late: a package of CommonJS that is imported late has other names once it is bundled.
export { createConnection } from "mysql2";

/** The driver's socket, which its types do not have. */
export interface DriverSocket {
  readonly stream: { on(event: "error", listener: () => void): unknown };
}
