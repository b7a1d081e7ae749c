export { BoundedStream, Streams } from "./bounded_stream.ts";
export type { Caller } from "./caller.ts";
export { shareOfHandles } from "./handles.ts";
export { LIMITS, type Limits } from "./limits.ts";
export { ListenError } from "./listen_error.ts";
export type { HttpEnv } from "./serve.ts";
export { type Refusal, refusalBody } from "./refusal.ts";
export { HttpServer, type HttpServerOptions } from "./server.ts";
export type { Site } from "./site.ts";
