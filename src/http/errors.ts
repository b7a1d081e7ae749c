import type { Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { refusalBody } from "./server/refusal.ts";

/** Answers what no route answers, and what a route fails to: in words, and without what has failed. */
export function answerErrors(app: Hono): void {
  app.notFound((context) => errorResponse(context, { status: 404, error: "There is nothing here" }));
  app.onError((error, context) => {
    if (!(error instanceof HTTPException)) {
      // What is no JSON is refused before; what is left is a fault of this program.
      return errorResponse(context, { status: 500, error: "The request failed" });
    }
    const response = error.getResponse();
    const words = error.message === "" ? "The request cannot be answered" : error.message;
    return error.res === undefined
      ? errorResponse(context, { status: response.status, error: words })
      : response;
  });
}

function errorResponse(
  { req: { path } }: Context,
  { status, error }: { readonly status: number; readonly error: string },
): Response {
  const { type, text } = refusalBody({ status, error }, path);
  return new Response(text, { status, headers: { "content-type": type } });
}
