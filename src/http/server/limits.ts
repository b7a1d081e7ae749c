/** What one client, and all together, may take. Times are in milliseconds. */
export const LIMITS = {
  /** Open connections. */
  connections: 64,
  /** New connections, and requests, a second; as many again may come at once. */
  rate: 100,
  /** The request line and all headers, in bytes; and how many headers. */
  headBytes: 16_384,
  headers: 64,
  /** The path with its query, in characters. */
  target: 2_048,
  /** The body, in bytes; and how deep its JSON may be. */
  body: 4_096,
  depth: 16,
  /** What may wait for the reader of a stream, and for all readers together, in bytes. */
  unread: 1_048_576,
  unreadOfAll: 33_554_432,
  /** Responses that go on, such as streams of events. */
  streams: 16,
  /** Requests of one connection that wait for their answers. */
  pipelined: 8,
  handshake: 5_000,
  /** From the connection to the end of the headers. */
  head: 10_000,
  /** From a response to the end of the next headers. */
  rest: 10_000,
  /** From the headers to the end of the body. */
  bodyTime: 10_000,
  /** From the headers to the end of the answer, but for streams. */
  answer: 60_000,
  /** For how long a client may read nothing of what waits for it. */
  stalled: 20_000,
} as const;

export type Limits = { readonly [K in keyof typeof LIMITS]: number };
