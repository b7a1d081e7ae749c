import ts from "typescript";
import { ROOT } from "../program.ts";
import { type Mutation, mutationsOf, removalOf } from "./mutation.ts";

/** One change of one file. */
export interface Mutant extends Pick<Mutation, "start" | "end" | "replacement"> {
  readonly id: number;
  readonly file: string;
}

/** A file with a switch for each of its mutants. */
export interface SwitchedFile {
  readonly file: string;
  readonly text: string;
  readonly mutants: readonly Mutant[];
}

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noFallthroughCasesInSwitch: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  types: [],
};

/** The sources, as the compiler knows them. What comes from packages is `any` there. */
export class Sources {
  readonly #changed = new Map<string, string>();
  readonly #parsed = new Map<string, ts.SourceFile>();
  readonly #files: readonly string[];
  readonly #host: ts.CompilerHost;
  readonly #original: ts.Program;
  #program: ts.Program;
  #next = 1;

  /** @param files Files to change, from the top of the checkout. */
  constructor(files: readonly string[]) {
    this.#files = files.map((file) => `${ROOT}${file}`);
    const host = ts.createCompilerHost(OPTIONS, true);
    const { getSourceFile } = host;
    host.getSourceFile = (file, ...rest) => {
      const changed = this.#changed.get(file);
      if (changed !== undefined) return ts.createSourceFile(file, changed, ts.ScriptTarget.ESNext, true);
      const parsed = this.#parsed.get(file) ?? getSourceFile(file, ...rest);
      if (parsed !== undefined) this.#parsed.set(file, parsed);
      return parsed;
    };
    this.#host = host;
    this.#original = this.#program = ts.createProgram(this.#files, OPTIONS, host);
  }

  /** A file with all its mutants, each asleep behind a switch. */
  switched(file: string): SwitchedFile {
    const source = this.#original.getSourceFile(`${ROOT}${file}`)!;
    const checker = this.#original.getTypeChecker();
    const mutants: Mutant[] = [];
    const render = (node: ts.Node): string => {
      if (isOfTypes(node)) return node.getText(source);
      let at = node.getStart(source);
      let text = "";
      ts.forEachChild(node, (child) => {
        text += source.text.slice(at, child.getStart(source)) + render(child);
        at = child.end;
      });
      text += source.text.slice(at, node.end);
      const removals = ts.isExpression(node) ? removalOf(node, checker) : [];
      for (const { switched, ...mutation } of [...mutationsOf(node, checker), ...removals]) {
        const id = this.#next++;
        mutants.push({ id, file, ...mutation });
        text = switched(text, `globalThis.mutant?.(${id})`);
      }
      return text;
    };
    return { file, text: render(source), mutants };
  }

  /** Whether the type checker lets a mutant pass. */
  compiles(mutant: Mutant): boolean {
    const { file, start, end, replacement } = mutant;
    const { text } = this.#original.getSourceFile(`${ROOT}${file}`)!;
    this.#changed.set(`${ROOT}${file}`, text.slice(0, start) + replacement + text.slice(end));
    try {
      this.#program = ts.createProgram(this.#files, OPTIONS, this.#host, this.#program);
      return this.#problems(this.#program, file) <= this.#problems(this.#original, file);
    } finally {
      this.#changed.delete(`${ROOT}${file}`);
    }
  }

  /** Where a mutant is, and its line before and after. */
  shown({ file, start, end, replacement }: Mutant): string {
    const { text } = this.#original.getSourceFile(`${ROOT}${file}`)!;
    const line = text.slice(0, start).split("\n").length;
    const from = text.lastIndexOf("\n", start - 1) + 1;
    const to = text.indexOf("\n", end);
    const before = text.slice(from, to);
    const after = text.slice(from, start) + replacement + text.slice(end, to);
    return `${file}:${line}\n  - ${squeezed(before)}\n  + ${squeezed(after)}`;
  }

  #problems(program: ts.Program, file: string): number {
    const source = program.getSourceFile(`${ROOT}${file}`);
    return program.getSyntacticDiagnostics(source).length + program.getSemanticDiagnostics(source).length;
  }
}

/** Whether a node is gone when the program runs. */
function isOfTypes(node: ts.Node): boolean {
  return ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) ||
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ||
    ts.isParameterPropertyDeclaration(node, node.parent);
}

function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
