import { type Expression, looseClause, misfitsOf, whyNeverFalse, whyNeverTrue } from "../language/mod.ts";
import { quoted } from "../text/nearest.ts";
import type { Path, Problems } from "../yaml/mod.ts";
import type { Findings } from "./findings.ts";

/** A protection that can never match gives false safety, so it is an error. */
export function checkProtection(expression: Expression, path: Path, { problems, warnings }: Findings): void {
  const misfits = misfitsOf(expression).filter(({ isOfWhere }) => !isOfWhere);
  for (const { message, offset, isDoubtful } of misfits) {
    (isDoubtful ? warnings : problems).report(path, message, { offset });
  }
  const nobody = whyNeverTrue(expression);
  if (nobody !== undefined) problems.report(path, `this protects nobody, ever: ${quoted(nobody)}`);
  else if (misfits.length === 0 && whyNeverFalse(expression) !== undefined) {
    warnings.report(path, `this protects everybody: ${quoted(expression.source)}`);
  }
  warnOfPrecedence(expression, path, warnings);
}

/** Texts that can never match only get a warning: a policy that never fires does no harm. */
export function warnOfTexts(where: Expression, path: Path, { warnings }: Findings): void {
  for (const { message, offset } of misfitsOf(where)) warnings.report(path, message, { offset });
  warnOfPrecedence(where, path, warnings);
}

function warnOfPrecedence(expression: Expression, path: Path, warnings: Problems): void {
  const clause = looseClause(expression);
  if (clause === undefined) return;
  const message = '"and" binds closer than "or", so that this clause stands for itself: write parentheses';
  warnings.report(path, `${message}: ${quoted(clause)}`);
}
