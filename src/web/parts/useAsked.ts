import { useCallback, useEffect, useState } from "react";
import { useTidings } from "../../client/react.ts";
import type { ClientError, TypedDocument } from "../../client/types.ts";

type Asked<Result> = { answer: Result | undefined; fault: ClientError | undefined; again: () => void };

/** The answer to a question, asked at first and whenever its variables change. The former answer stays until then. */
export function useAsked<Result, Variables>(document: TypedDocument<Result, Variables>, variables: Variables): Asked<Result> {
  const client = useTidings();
  const [answer, setAnswer] = useState<Result>();
  const [fault, setFault] = useState<ClientError>();
  const [round, setRound] = useState(0);
  const key = JSON.stringify(variables);
  useEffect(() => {
    let isOver = false;
    client.request(document, JSON.parse(key) as Variables).then(
      (result) => {
        if (isOver) return;
        setAnswer(result);
        setFault(undefined);
      },
      (error: unknown) => {
        if (!isOver) setFault(error as ClientError);
      },
    );
    return () => {
      isOver = true;
    };
  }, [client, document, key, round]);
  const again = useCallback(() => setRound((before) => before + 1), []);
  return { answer, fault, again };
}
