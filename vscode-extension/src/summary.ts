/** What a check came to, in one line. Must not import `vscode` at run time but for its texts. */
import { l10n } from 'vscode';
import type { FunctionResult, Verdict } from '../../shared-ir/generated/lift_ir';

/** How many functions have which verdict, the worst first: `1 refuted, 2 proved`. */
export function summaryOf(functions: readonly Pick<FunctionResult, 'verdict'>[]): string {
  if (functions.length === 0) {
    return l10n.t('no function here has a specification');
  }
  const names: Record<Verdict, (count: number) => string> = {
    refuted: (count) => l10n.t('{0} refuted', count),
    unknown: (count) => l10n.t('{0} unknown', count),
    unchecked: (count) => l10n.t('{0} unchecked', count),
    tested: (count) => l10n.t('{0} tested', count),
    bounded: (count) => l10n.t('{0} bounded', count),
    proved: (count) => l10n.t('{0} proved', count),
  };
  return Object.entries(names)
    .map(([verdict, name]) => ({ count: functions.filter((each) => each.verdict === verdict).length, name }))
    .filter(({ count }) => count > 0)
    .map(({ count, name }) => name(count))
    .join(', ');
}
