/** A conversation's history is more than what may be folded at once. The message says which bound was reached. */
export class TooLong extends Error {
  override readonly name = "TooLong";
}
