import { posix } from "node:path";
import type { Asset } from "../../src/http/page/assets.ts";

/** What the policy of a page forbids, and what would take a text for markup. */
export const FORBIDDEN =
  /\binnerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|DOMParser|\son\w+="|\sstyle="|<style|<script(?! type="module" src="\/)|@import url|https?:\/\/(?!www\.w3\.org\/)/;

/**
 * What is forbidden in these assets, what they ask for that is not among them, and the scripts that the page does not ask for
 * at once: those would wait for the ones that import them.
 */
export function assetProblems(assets: Readonly<Record<string, Asset>>): readonly string[] {
  const atOnce = askedBy("/", assets["/"]!.text);
  const late = Object.keys(assets).filter((path) =>
    path.endsWith(".js") && !path.startsWith("/login/") && !atOnce.includes(path)
  );
  const problems = Object.entries(assets).flatMap(([path, { text }]) => [
    ...FORBIDDEN.test(text) ? [`${path} has ${FORBIDDEN.exec(text)![0]}`] : [],
    ...askedBy(path, text).filter((asked) => !Object.hasOwn(assets, asked)).map((asked) =>
      `${path} asks for ${asked}`
    ),
  ]);
  return [...late.map((path) => `the page does not ask for ${path} at once`), ...problems];
}

function askedBy(path: string, text: string): readonly string[] {
  const named = [...text.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, found]) => found!);
  const imported = path.endsWith(".js") ? [...text.matchAll(/^import .* from "(\.[^"]+)"/gm)] : [];
  return [...named, ...imported.map(([, found]) => posix.join(posix.dirname(path), found!))];
}
