import { localEphemeral } from "../../src/adapters/signals/localEphemeral.ts";
import { ephemeralContract } from "./ephemeral.contract.ts";

ephemeralContract("local", async () => {
  const ephemeral = localEphemeral({ onError: () => undefined });
  return { teller: ephemeral, listener: ephemeral, close: async () => undefined };
});
