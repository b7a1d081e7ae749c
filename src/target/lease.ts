/**
 * The right to kill on a server, held as a named lock by the watching connection of one program: it ends
 * with the connection. `holder` is the connection that has it; 0 where it is not known.
 */
export type Lease =
  | { readonly state: "held" }
  | { readonly state: "elsewhere"; readonly holder: number }
  | { readonly state: "unavailable"; readonly reason: string };
