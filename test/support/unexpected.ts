/** For faults that no test expects: it ends the run. */
export const unexpected = (error: Error): never => {
  throw error;
};
