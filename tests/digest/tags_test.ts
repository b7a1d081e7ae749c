import { assert, assertEquals } from "@std/assert";
import { tagsOf } from "../../src/digest/mod.ts";

const KEEP = ["application", "controller", "action", "job", "route", "traceparent"];

Deno.test("tagsOf() reads sqlcommenter and marginalia, wherever they stand", () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ["SELECT 1 /*action='show',controller='users'*/", { action: "show", controller: "users" }],
    ["SELECT 1 /*application:web,controller:posts,action:index*/", {
      application: "web",
      controller: "posts",
      action: "index",
    }],
    ["/* job:Nightly */ DELETE FROM t WHERE a = 'b'", { job: "Nightly" }],
    ["SELECT /*route='%2Fusers%2F%3Aid'*/ 1", { route: "/users/:id" }],
    ["SELECT 1 /*action='it\\'s',route='a%2Cb'*/", { action: "it's", route: "a,b" }],
    ["SELECT 1 /* action = 'x' , job = 'y' */;", { action: "x", job: "y" }],
    ["SELECT 1 /*action=show,job=y*/", { action: "show", job: "y" }],
    ["SELECT 1 /*ACTION='X'*/", { action: "X" }],
    ["SELECT 1 /*route%20parameter='x',action='y'*/", { action: "y" }],
    ["SELECT 1 /*route:/a/b:12:in `index',action:x*/", { route: "/a/b:12:in `index'", action: "x" }],
    ["SELECT 1 /*job:100%25,action:50%*/", { job: "100%25", action: "50%" }],
    ["SELECT 1 /*job='50%'*/", { job: "50%" }],
    ["SELECT 1 /*action:a*/ /*action:b,job:c*/", { action: "a", job: "c" }],
    ["SELECT 1 /*action:*/", { action: "" }],
    ["SELECT 1 /*application:web,*/", { application: "web" }],
    // What is not kept, not a comment, or no list of tags.
    ["SELECT 1 /*user='bob',line:3*/", {}],
    ["SELECT '/*action:x*/', \"/*action:x*/\", `/*action:x*/`", {}],
    ["SELECT 1 /*!50000 action:x */", {}],
    ["SELECT 1 -- action:x", {}],
    ["SELECT 1 /* see action:x, or ask */", {}],
    ["SELECT 1 /**/", {}],
    [`SELECT 1 /*action:${"x".repeat(257)},job:y*/`, { job: "y" }],
  ];
  for (const [sql, tags] of cases) assertEquals(tagsOf(sql, { keep: KEEP }), { tags, whole: true }, sql);
});

Deno.test("tagsOf() reads the method that MediaWiki writes", () => {
  const keep = ["method", "job", "title", "class"];
  const cases: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ["SELECT /* Title::newFromId 127.0.0.1 */ 1", { method: "Title::newFromId" }],
    ["SELECT /* Class::method */ 1", { method: "Class::method" }],
    ["SELECT /* Wikimedia\\Rdbms\\Database::select (a, job:b) */ 1", {
      method: "Wikimedia\\Rdbms\\Database::select",
    }],
    ["SELECT /* Title::{closure} */ 1", { method: "Title::{closure}" }],
    ["SELECT /*Title::x,job:y*/ 1", { method: "Title::x", job: "y" }],
    ["SELECT /*job:Admin::Users*/ 1", { job: "Admin::Users" }],
    ["SELECT /* see Title::x */ 1", {}],
  ];
  for (const [sql, tags] of cases) assertEquals(tagsOf(sql, { keep }).tags, tags, sql);
});

Deno.test("tagsOf() passes over what is no tag, and reads on", () => {
  const keep = ["a", "b", "c", "it's", "user", "todo"];
  const cases: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ["/*a:1,,b:2*/", { a: "1", b: "2" }],
    ["/*a:1,foo,b:2*/", { a: "1", b: "2" }],
    ["/*a='1' b='2',c='3'*/", { a: "1", c: "3" }],
    ["/*a='1,'b='2',c='3'*/", { c: "3" }],
    ["/*a='1,b:2*/", { b: "2" }],
    ["/*a=1',b=2*/", { b: "2" }],
    ['/*a="1",b="x, y"*/', { a: "1", b: "x, y" }],
    ["/*it\\'s='1'*/", { "it's": "1" }],
    ["/*a:1, some words here, b:2*/", { a: "1", b: "2" }],
    ["/* TODO: fix this, user: bob */", {}],
    ["/* user: bob */", {}],
    ["/* fix this, user:bob */", {}],
    ["/* where user = 'bob', a=1 */", {}],
  ];
  for (const [sql, tags] of cases) assertEquals(tagsOf(`SELECT 1 ${sql}`, { keep }).tags, tags, sql);
});

Deno.test("tagsOf() says when there may be others", () => {
  const keep = KEEP;
  assertEquals(tagsOf("SELECT 1 FROM t", { keep, cut: true }), { tags: {}, whole: false });
  assertEquals(tagsOf("/*job:x*/ SELECT 1 /*action:", { keep, cut: true }), {
    tags: { job: "x" },
    whole: false,
  });
  assertEquals(tagsOf("/*job:x*/ SELECT 'open /*action:y*/", { keep }), { tags: { job: "x" }, whole: false });
  // Where a string ends depends on the sql_mode here, and so does what is a comment.
  assertEquals(tagsOf("SELECT 'a\\' /*action:x*/ , 'b'", { keep }).whole, false);
});

Deno.test("tagsOf() takes linear time", () => {
  const time = (length: number) => {
    const texts = [" ", ":", "a:", "a=' ", "a,", "\\'", "a=\\'", "a='", "a='\\',", "a::", ",", 'a="b,'].map((
      piece,
    ) => `/*action:${piece.repeat(length)}*/ SELECT 1`);
    const begun = performance.now();
    for (const text of texts) tagsOf(text, { keep: KEEP });
    return performance.now() - begun;
  };
  time(1000);
  // Quadratic time would take 256 times as long.
  const [short, long] = [time(8_000), time(128_000)];
  assert(long < 100 * Math.max(short, 1), `${short} ms and ${long} ms`);
});
