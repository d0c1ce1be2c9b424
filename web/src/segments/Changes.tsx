import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { segmentChanges } from "../api/endpoints";
import type { Changes as Found } from "../api/types";
import { formatCount } from "../texts/format";
import { segmentsText as text } from "../texts/segments";
import { Skeleton } from "../ui/Page";
import { Pager } from "../ui/Pager";
import { QueryBoundary } from "../ui/QueryBoundary";
import { useCursor } from "../ui/useCursor";

interface Props {
  segmentId: string;
  from: string;
  to: string;
  version: number;
}

const KINDS = ["joined", "left"] as const;

/** Who joined and who left from one moment to another. */
export function Changes({ segmentId, from, to, version }: Props) {
  const [change, setChange] = useState<(typeof KINDS)[number]>("joined");
  const cursor = useCursor();
  const found = useQuery({
    queryKey: ["segments", "changes", segmentId, version, from, to, change, cursor.cursor],
    queryFn: ({ signal }) => segmentChanges(segmentId, { from, to, change, cursor: cursor.cursor }, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <QueryBoundary query={found} failure={text.changesFailed} skeleton={<Skeleton lines={3} />}>
      {(changes) => (
        <>
          <dl className="tiles changes-tiles mb-3" data-testid="changes">
            {(["joined", "left", "stayed"] as const).map((name) => (
              <div className="tile" key={name}>
                <dt>{text[name]}</dt>
                <dd>{formatCount(changes[name])}</dd>
              </div>
            ))}
          </dl>
          <fieldset className="btn-group mb-2" aria-label={text.whichList}>
            {KINDS.map((kind) => (
              <button
                key={kind}
                type="button"
                className="btn btn-sm btn-outline-secondary"
                aria-pressed={kind === change}
                onClick={() => {
                  setChange(kind);
                  cursor.restart();
                }}
              >
                {kind === "joined" ? text.joinedList(changes.joined) : text.leftList(changes.left)}
              </button>
            ))}
          </fieldset>
          <People changes={changes} change={change} />
          <Pager cursor={cursor} next={changes.next_cursor} isOld={found.isPlaceholderData} of={text.peopleOf} />
        </>
      )}
    </QueryBoundary>
  );
}

function People({ changes, change }: { changes: Found; change: "joined" | "left" }) {
  if (changes[change] === 0) {
    return <p className="mb-0 text-body-secondary">{change === "joined" ? text.nobodyJoined : text.nobodyLeft}</p>;
  }
  return (
    <ul className="sample" aria-label={text[change]}>
      {changes.data.map((person) => (
        <li key={person.customer_id}>
          <Link to={`/customers/${encodeURIComponent(person.customer_id)}`}>{person.name ?? person.customer_id}</Link>
          <span className="sample-facts">{person.email}</span>
        </li>
      ))}
    </ul>
  );
}
