/** Stands for the editor in the unit tests: texts come back in English with their places filled in. */
export const l10n = {
  t: (text: string, ...values: unknown[]): string => text.replace(/\{(\d+)\}/g, (_, i: string) => String(values[+i])),
};
