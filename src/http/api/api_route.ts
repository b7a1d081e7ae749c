import type { Context } from "hono";
import type { HttpContext } from "../context.ts";
import type { Archive } from "../archive/archive.ts";
import type { Schema } from "./schema.ts";

/** What routes answer from. */
export interface ApiContext {
  readonly http: HttpContext;
  readonly archive: Archive;
}

/** A parameter in the query of an address. */
export interface QueryParameter {
  readonly name: string;
  readonly help: string;
  readonly schema: Schema;
}

/** A request whose parameters are known ones. */
export interface ApiRequest {
  /** The parameters of the address, and of its path. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Of a POST: a JSON object. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly hono: Context;
}

/** A route of the API. The document, its page and the tests come from its row. */
export interface ApiRoute {
  readonly method: "get" | "post";
  /** As OpenAPI writes it: `/api/v1/databases/{name}`. */
  readonly path: string;
  readonly summary: string;
  /** Parameters of the path, with their meaning. */
  readonly inPath?: Readonly<Record<string, string>>;
  readonly query?: readonly QueryParameter[];
  /** The schema of the body, by its name in the document. */
  readonly body?: string;
  /** The schema of what is answered. */
  readonly answers: Schema;
  /** The statuses beside 200 and their meaning. */
  readonly errors?: Readonly<Record<number, string>>;
  /**
   * What is answered: a value, or a text that is JSON already.
   * @throws {ApiError}
   */
  answer(request: ApiRequest, context: ApiContext): unknown;
}

/** JSON that is a text already. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
