/** A core that should be in the list of all. */
export interface DesiredPeer {
  /** An address, or a name that ProxySQL resolves. */
  readonly host: string;
  readonly port: number;
  /** What it is called, as the name of its pod. */
  readonly comment?: string;
}

/** What is known of who is there. `unknown` changes nothing: it was not answered, or the answer was empty. */
export type Discovered =
  | { readonly state: "known"; readonly peers: readonly DesiredPeer[] }
  | { readonly state: "unknown"; readonly reason: string };

/** Tells which cores there are: from a list, from DNS, or from Kubernetes. */
export interface Discovery extends AsyncDisposable {
  /** Never fails, and has a deadline of its own. */
  read(): Promise<Discovered>;
}
