import ts from "typescript";

/** One change of the source that a test should notice. */
export interface Mutation {
  readonly start: number;
  readonly end: number;
  /** What stands in the source from `start` to `end` after the change. */
  readonly replacement: string;
  /**
   * The node with a switch between what it was and what it would be.
   * @param rendered The node's text, in which what it contains may have switches of its own.
   * @param isOn An expression that tells whether the change is made.
   */
  switched(rendered: string, isOn: string): string;
}

const { SyntaxKind } = ts;

const OPERATORS: Readonly<Partial<Record<ts.SyntaxKind, readonly string[]>>> = {
  [SyntaxKind.LessThanToken]: ["<=", ">="],
  [SyntaxKind.LessThanEqualsToken]: ["<", ">"],
  [SyntaxKind.GreaterThanToken]: [">=", "<="],
  [SyntaxKind.GreaterThanEqualsToken]: [">", "<"],
  [SyntaxKind.EqualsEqualsEqualsToken]: ["!=="],
  [SyntaxKind.ExclamationEqualsEqualsToken]: ["==="],
  [SyntaxKind.AmpersandAmpersandToken]: ["||"],
  [SyntaxKind.BarBarToken]: ["&&"],
  [SyntaxKind.PlusToken]: ["-"],
  [SyntaxKind.MinusToken]: ["+"],
  [SyntaxKind.AsteriskToken]: ["/"],
  [SyntaxKind.SlashToken]: ["*"],
  [SyntaxKind.PlusEqualsToken]: ["-="],
  [SyntaxKind.MinusEqualsToken]: ["+="],
};

const METHODS: Readonly<Record<string, string>> = {
  some: "every",
  every: "some",
  min: "max",
  max: "min",
  startsWith: "endsWith",
  endsWith: "startsWith",
};
/** Calls that give something like what they are called on. */
const REFINEMENTS: ReadonlySet<string> = new Set(["filter", "toSorted", "trim", "toLowerCase"]);

/** Every change of one node itself, those of the nodes in it left out. */
export function mutationsOf(node: ts.Node, checker: ts.TypeChecker): readonly Mutation[] {
  if (ts.isBinaryExpression(node)) return ofBinary(node, checker);
  if (ts.isIfStatement(node)) return [];
  if (ts.isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken) {
    return isCondition(node) ? conditions(node) : [instead(node, node.operand.getText())];
  }
  if (ts.isExpressionStatement(node)) return ofStatement(node);
  if (ts.isContinueStatement(node) || ts.isThrowStatement(node)) return [without(node)];
  if (ts.isReturnStatement(node) && node.expression === undefined) return [without(node)];
  if (ts.isStringLiteralLike(node)) return ofString(node, checker);
  if (ts.isTemplateExpression(node) && !ts.isTaggedTemplateExpression(node.parent)) {
    return [...results(node, checker), instead(node, '""')];
  }
  if (ts.isNumericLiteral(node)) return isName(node) ? [] : [instead(node, otherNumber(Number(node.text)))];
  if (node.kind === SyntaxKind.TrueKeyword) return [instead(node, "false")];
  if (node.kind === SyntaxKind.FalseKeyword) return [instead(node, "true")];
  if (ts.isArrayLiteralExpression(node)) return results(node, checker);
  if (ts.isCallExpression(node)) return [...conditions(node), ...results(node, checker), ...ofCall(node)];
  if (ts.isSpreadAssignment(node)) return [dropped(node, "{}")];
  if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) {
    return ofProperty(node, checker);
  }
  if (ts.isExpression(node)) return [...conditions(node), ...results(node, checker)];
  return [];
}

/** The removal of one element of an array; what an array has to have is left alone. */
export function removalOf(element: ts.Expression, checker: ts.TypeChecker): readonly Mutation[] {
  const array = element.parent;
  if (!ts.isArrayLiteralExpression(array) || isAssigned(array)) return [];
  const type = checker.getContextualType(array) ?? checker.getTypeAtLocation(array);
  return checker.isTupleType(type) ? [] : [dropped(element, "[]")];
}

function ofBinary(node: ts.BinaryExpression, checker: ts.TypeChecker): readonly Mutation[] {
  const { left, right, operatorToken: { kind } } = node;
  const decided = [...conditions(node), ...results(node, checker)];
  if (kind === SyntaxKind.QuestionQuestionToken) {
    return [...decided, instead(node, left.getText()), instead(node, right.getText())];
  }
  const isSum = kind === SyntaxKind.PlusToken || kind === SyntaxKind.PlusEqualsToken;
  if (isSum && !isNumber(left, checker)) return decided;
  // `...condition && { x }`: the removal of the whole does more.
  if (kind === SyntaxKind.AmpersandAmpersandToken && isSpread(node)) return decided;
  // What a condition is replaced by does more than the opposite of it.
  const isEquality = kind === SyntaxKind.EqualsEqualsEqualsToken ||
    kind === SyntaxKind.ExclamationEqualsEqualsToken;
  if (isEquality && isCondition(node)) return decided;
  const operators = OPERATORS[kind] ?? [];
  return [
    ...decided,
    ...operators.map((operator) => instead(node, `${left.getText()} ${operator} ${right.getText()}`)),
  ];
}

function ofStatement(node: ts.ExpressionStatement): readonly Mutation[] {
  const call = node.expression;
  const isSuper = ts.isCallExpression(call) && call.expression.kind === SyntaxKind.SuperKeyword;
  return isSuper ? [] : [without(node)];
}

function ofCall(node: ts.CallExpression): readonly Mutation[] {
  const called = node.expression;
  if (!ts.isPropertyAccessExpression(called) || (node.flags & ts.NodeFlags.OptionalChain) !== 0) return [];
  const name = called.name.text;
  const other = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  const argumentsText = node.arguments.map((argument) => argument.getText()).join(", ");
  return [
    ...other === undefined
      ? []
      : [instead(node, `${called.expression.getText()}.${other}(${argumentsText})`)],
    ...REFINEMENTS.has(name) ? [instead(node, called.expression.getText())] : [],
  ];
}

function ofProperty(
  node: ts.PropertyAssignment | ts.ShorthandPropertyAssignment,
  checker: ts.TypeChecker,
): readonly Mutation[] {
  if (isAssigned(node.parent)) return [];
  const type = checker.getContextualType(node.parent);
  const property = type?.getProperty(node.name.getText());
  const isOptional = property !== undefined && (property.flags & ts.SymbolFlags.Optional) !== 0;
  return isOptional ? [dropped(node, "{}")] : [];
}

/** Another of the strings that it may be; the empty one where it may be any. */
function ofString(node: ts.StringLiteralLike, checker: ts.TypeChecker): readonly Mutation[] {
  const { parent } = node;
  if (isName(node) || ts.isTaggedTemplateExpression(parent) || ts.isArrayLiteralExpression(parent)) return [];
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent)) return [];
  const type = expectedType(node, checker);
  const strings = type?.isUnion()
    ? type.types.flatMap((part) => part.isStringLiteral() ? part.value : [])
    : [];
  const others = strings.filter((text) => text !== node.text).toSorted();
  if (strings.length > 0) {
    const next = others.find((text) => text > node.text) ?? others[0];
    return next === undefined ? [] : [instead(node, JSON.stringify(next))];
  }
  if (type?.isStringLiteral()) return [];
  return [instead(node, node.text === "" ? '"mutant"' : '""')];
}

function expectedType(node: ts.Expression, checker: ts.TypeChecker): ts.Type | undefined {
  const { parent } = node;
  if (ts.isCaseClause(parent)) return checker.getTypeAtLocation(parent.parent.parent.expression);
  if (ts.isBinaryExpression(parent) && parent.operatorToken.kind !== SyntaxKind.EqualsToken) {
    return checker.getTypeAtLocation(parent.left === node ? parent.right : parent.left);
  }
  return checker.getContextualType(node);
}

function conditions(node: ts.Expression): readonly Mutation[] {
  if (!isCondition(node)) return [];
  return ts.isWhileStatement(node.parent) || ts.isForStatement(node.parent)
    ? [instead(node, "false")]
    : [instead(node, "true"), instead(node, "false")];
}

/** What a function may give back in place of what it has found. */
function results(node: ts.Expression, checker: ts.TypeChecker): readonly Mutation[] {
  const isResult = ts.isReturnStatement(node.parent) ||
    (ts.isArrowFunction(node.parent) && node.parent.body === node);
  if (!isResult || node.getText() === "undefined") return [];
  const type = checker.getTypeAtLocation(node);
  const parts = type.isUnion() ? type.types : [type];
  const has = (flags: ts.TypeFlags) => parts.some((part) => (part.flags & flags) !== 0);
  const isEmpty = ts.isArrayLiteralExpression(node) && node.elements.length === 0;
  return [
    ...has(ts.TypeFlags.Undefined) ? [instead(node, "undefined")] : [],
    ...checker.isArrayType(type) && !isEmpty ? [instead(node, "[]")] : [],
    ...has(ts.TypeFlags.BooleanLike) && !ts.isBinaryExpression(node)
      ? [instead(node, "true"), instead(node, "false")]
      : [],
    ...has(ts.TypeFlags.NumberLike) && !ts.isBinaryExpression(node) ? [instead(node, "0")] : [],
  ];
}

function instead(node: ts.Node, replacement: string): Mutation {
  return {
    start: node.getStart(),
    end: node.end,
    replacement,
    switched: (rendered, isOn) => `(${isOn} ? (${replacement}) : (${rendered}))`,
  };
}

function without(node: ts.Statement): Mutation {
  return {
    start: node.getStart(),
    end: node.end,
    replacement: ";",
    switched: (rendered, isOn) => `{ if (!${isOn}) ${rendered} }`,
  };
}

/** An element of an array, or of an object, that is left out. */
function dropped(node: ts.Node, nothing: "[]" | "{}"): Mutation {
  const isSpread = ts.isSpreadElement(node) || ts.isSpreadAssignment(node);
  const [open, close] = nothing;
  return {
    start: node.getStart(),
    end: node.end,
    replacement: `...${nothing}`,
    switched: (rendered, isOn) => {
      const whole = isSpread ? rendered.slice("...".length) : `${open} ${rendered} ${close}`;
      return `...(${isOn} ? ${nothing} : (${whole}))`;
    },
  };
}

function otherNumber(value: number): string {
  if (value === 0) return "1";
  return String(value < 10 ? value + 1 : value * 2);
}

function isCondition(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent)) return parent.expression === node;
  return (ts.isConditionalExpression(parent) || ts.isForStatement(parent)) && parent.condition === node;
}

function isNumber(node: ts.Expression, checker: ts.TypeChecker): boolean {
  return (checker.getTypeAtLocation(node).flags & ts.TypeFlags.NumberLike) !== 0;
}

function isSpread({ parent }: ts.Node): boolean {
  return ts.isSpreadAssignment(parent) || (ts.isParenthesizedExpression(parent) && isSpread(parent));
}

/** Whether a node names something, and is no value. */
function isName(node: ts.Node): boolean {
  return "name" in node.parent && node.parent.name === node;
}

/** Whether something is assigned to what looks like an array or an object. */
function isAssigned(node: ts.Node): boolean {
  const { parent } = node;
  return ts.isBinaryExpression(parent) && parent.left === node &&
    parent.operatorToken.kind === SyntaxKind.EqualsToken;
}
