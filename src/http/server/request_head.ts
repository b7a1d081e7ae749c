/** What is known of a request before its body is read. */
export interface RequestHead {
  readonly method: string;
  /** The path with its query, as it was sent. */
  readonly target: string;
  /** Such as `1.1`. */
  readonly version: string;
  /** Names in lower case and values, in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The address that the client has connected to. */
  readonly local?: string;
}

/** @param raw As Node has it: names and values by turns. */
export function requestHead(
  { method = "", url = "", httpVersion, rawHeaders, socket }: {
    readonly method?: string | undefined;
    readonly url?: string | undefined;
    readonly httpVersion: string;
    readonly rawHeaders: readonly string[];
    readonly socket?: { readonly localAddress?: string | undefined };
  },
): RequestHead {
  const headers: (readonly [string, string])[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.push([rawHeaders[index]!.toLowerCase(), rawHeaders[index + 1]!]);
  }
  const local = socket?.localAddress;
  return { method, target: url, version: httpVersion, headers, ...local !== undefined && { local } };
}

/** All values of a header. */
export function valuesOf({ headers }: RequestHead, name: string): readonly string[] {
  return headers.filter(([own]) => own === name).map(([, value]) => value);
}

/** The one value of a header; undefined if there is none, or more than one. */
export function valueOf(head: RequestHead, name: string): string | undefined {
  const values = valuesOf(head, name);
  return values.length === 1 ? values[0] : undefined;
}

/** The path without its query. */
export function pathOf({ target }: Pick<RequestHead, "target">): string {
  return target.split(/[?#]/, 1)[0]!;
}
