import { type QueryKey, type UseQueryResult, useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { ask, type Question } from "../ui/ask";
import { button } from "../ui/button";
import lists from "../ui/lists.module.css";
import { Empty } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { QueryBoundary } from "../ui/QueryBoundary";
import typography from "../ui/typography.module.css";

interface Words {
  title: string;
  none: string;
  noneText: string;
  failed: string;
  /** On the button that ends one. */
  end: string;
  notEnded: string;
}

interface Props<T> {
  queryKey: QueryKey;
  secrets: UseQueryResult<{ data: T[] }>;
  /** What a row says of a secret, its name first. */
  about: (secret: T) => { name: ReactNode; text: string };
  /** The question before a secret is ended; null for a secret that has ended. */
  question: (secret: T) => Question | null;
  end: (id: string) => Promise<void>;
  words: Words;
}

/** Secrets that were handed out, each with who made it, and a button that ends it. */
export function SecretList<T extends { id: string; name?: string }>({ queryKey, secrets, words, ...row }: Props<T>) {
  return (
    <QueryBoundary query={secrets} failure={words.failed}>
      {({ data }) =>
        data.length === 0 ? (
          <Empty title={words.none} icon="key">
            <p>{words.noneText}</p>
          </Empty>
        ) : (
          <ul className={lists.rows} aria-label={words.title}>
            {data.map((secret) => (
              <Row key={secret.id} secret={secret} queryKey={queryKey} words={words} {...row} />
            ))}
          </ul>
        )
      }
    </QueryBoundary>
  );
}

type RowProps<T> = Omit<Props<T>, "secrets"> & { secret: T };

function Row<T extends { id: string; name?: string }>({ secret, queryKey, about, question, end, words }: RowProps<T>) {
  const client = useQueryClient();
  const ending = useMutation({
    mutationFn: () => end(secret.id),
    onSuccess: () => client.invalidateQueries({ queryKey }),
  });
  const { name, text } = about(secret);
  const asked = question(secret);
  const askFirst = async () => {
    if (asked && (await ask(asked))) ending.mutate();
  };
  return (
    <li className={lists.row}>
      <div>
        {name}
        <p className={typography.note}>{text}</p>
        {ending.error && <Problem error={ending.error} title={words.notEnded} />}
      </div>
      {asked && (
        <button
          type="button"
          className={button("careful", "small")}
          disabled={ending.isPending}
          onClick={() => void askFirst()}
        >
          {words.end}
          <span className={typography.hidden}> {secret.name ?? secret.id}</span>
        </button>
      )}
    </li>
  );
}
