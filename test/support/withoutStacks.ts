/**
 * Does work in which very many errors are made whose origin nobody reads: where each was thrown is not noted, which takes longer
 * than all else that is done with them.
 */
export async function withoutStacks<T>(work: () => Promise<T>): Promise<T> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
