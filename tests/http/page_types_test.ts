// The page's scripts are plain JavaScript with types in comments. They are checked apart from the program, since the types of
// a browser would change what Deno declares.

import { assertEquals } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { ROOT } from "../program.ts";

Deno.test("the scripts of the page fit their types, and those of the stream", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const config = `${folder}/deno.json`;
    const { types: _, ...options } = project.compilerOptions;
    const lib = ["dom", "dom.iterable", "dom.asynciterable", "esnext", "deno.ns"];
    await Deno.writeTextFile(
      config,
      JSON.stringify({
        imports: project.imports,
        compilerOptions: {
          ...options,
          types: [`${ROOT}src/types/deno_std.d.ts`],
          lib,
          checkJs: true,
          noPropertyAccessFromIndexSignature: false,
        },
        nodeModulesDir: "none",
      }),
    );
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "check",
        "--quiet",
        "--no-lock",
        "--config",
        config,
        `${ROOT}src/http/page/assets/status.js`,
        `${ROOT}src/http/page/assets/login.js`,
        `${ROOT}src/http/page/group/group.js`,
      ],
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
