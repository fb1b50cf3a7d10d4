const unexpected = (): never => {
  throw new Error("no route has a schema of JSON: inputs are checked by code of our own");
};

/** For an instance of fastify: it loads no compilers of JSON schemas then, which take 1 MiB of objects. */
export const unchecked = { compilersFactory: { buildValidator: () => unexpected, buildSerializer: () => unexpected } };
