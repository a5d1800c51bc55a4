/** Reads the level of a line that the server logged. Must not import `vscode`. */

export type Level = 'error' | 'warn' | 'info' | 'debug';

const LEVELS: [Level, RegExp][] = [
  ['error', /\b(ERROR|CRITICAL)\b|^Traceback |^\w+(\.\w+)*(Error|Exception)\b/],
  ['warn', /\bWARN(ING)?\b/],
  ['debug', /\bDEBUG\b/],
];

/** Its level; a line that names none is information, since servers also greet and count on stderr. */
export function levelOf(line: string): Level {
  return LEVELS.find(([, sign]) => sign.test(line))?.[0] ?? 'info';
}
