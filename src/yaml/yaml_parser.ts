// The parser that keeps positions, in a module of its own: a bundle has its names only where they are imported by name,
// since it is a CommonJS module, and loading it waits until somebody needs it (yaml.ts, comment.ts).

export { LineCounter, parseDocument, visit } from "yaml";
