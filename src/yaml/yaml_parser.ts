// The parser that keeps positions, in a module of its own, so that it is loaded only when needed (yaml.ts,
// comment.ts). It is a CommonJS module: a bundle contains its exports only if they are imported by name.

export { LineCounter, parseDocument, visit } from "yaml";
