/**
 * The right to kill on a server: a named lock, held by the watching connection of one program, and released when
 * that connection ends. `holder` is the id of that connection, or 0 if it is unknown.
 */
export type Lease =
  | { readonly state: "held" }
  | { readonly state: "elsewhere"; readonly holder: number }
  | { readonly state: "unavailable"; readonly reason: string };
