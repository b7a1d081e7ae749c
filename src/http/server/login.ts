import type { Door } from "./caller.ts";
import { SESSION } from "./session.ts";

/** What logging in needs. */
export interface LoginOptions {
  readonly hasTls: boolean;
  door(): Door;
  /** In milliseconds since 1970. */
  wall(): number;
  /** Makes something that is different each time. */
  newId(): string;
}

/** Answers what belongs to logging in and out; undefined for all else. */
export function loginApp(options: LoginOptions): (request: Request) => Promise<Response> | undefined {
  return (request) => {
    const { pathname } = new URL(request.url);
    if (request.method !== "POST") return undefined;
    if (pathname === "/login") return login(request, options);
    return pathname === "/logout" ? Promise.resolve(logout(options)) : undefined;
  };
}

/** Takes `{ "token": … }`, and gives a cookie. */
async function login(request: Request, options: LoginOptions): Promise<Response> {
  const { keeper } = options.door();
  if (keeper === undefined) return Response.json({ error: "Nobody needs a token here" }, { status: 404 });
  // The guard has read it as JSON; an empty one is none.
  const body: unknown = await request.json().catch(() => undefined);
  const token = typeof body === "object" && body !== null && "token" in body ? body.token : undefined;
  if (typeof token !== "string" || !keeper.isToken(token)) {
    return Response.json({ error: "This is not the token" }, { status: 401 });
  }
  return cookieSet(keeper.session(options.wall(), options.newId()), SESSION / 1000, options);
}

function logout(options: LoginOptions): Response {
  return cookieSet("", 0, options);
}

function cookieSet(value: string, seconds: number, { door, hasTls }: LoginOptions): Response {
  const secure = hasTls ? "; Secure" : "";
  const cookie = `${door().cookie}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}`;
  return new Response(null, { status: 204, headers: { "set-cookie": cookie } });
}
