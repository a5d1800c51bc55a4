/** Counts how often the server died, to stop starting it in a circle. Must not import `vscode`. */

const WINDOW = 3 * 60 * 1000;

export class Crashes {
  /** How many deaths within three minutes are too many. */
  static readonly LIMIT = 3;
  #times: number[] = [];

  /** How many deaths there were of late. */
  get count(): number {
    return this.#times.length;
  }

  /** Notes a death at `now`, in milliseconds; whether it was one too many. */
  isTooMany(now: number): boolean {
    this.#times = [...this.#times.filter((time) => now - time <= WINDOW), now];
    return this.#times.length >= Crashes.LIMIT;
  }

  /** Starts counting anew. */
  forget(): void {
    this.#times = [];
  }
}
