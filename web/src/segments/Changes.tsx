import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { segmentChangesQuery } from "../api/segments";
import type { Changes as Found } from "../api/types";
import { useCan } from "../session/useSession";
import { formatCount } from "../texts/format";
import { segmentsText as text } from "../texts/segments";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import lists from "../ui/lists.module.css";
import { Skeleton } from "../ui/Page";
import { Pager } from "../ui/Pager";
import { QueryBoundary } from "../ui/QueryBoundary";
import tiles from "../ui/Tiles.module.css";
import typography from "../ui/typography.module.css";
import { useCursor } from "../ui/useCursor";
import styles from "./Changes.module.css";

interface Props {
  segmentId: string;
  from: string;
  to: string;
  version: number;
}

const KINDS = ["joined", "left"] as const;

/** How many joined and left from one snapshot to another; and who, for those who may list people. */
export function Changes({ segmentId, from, to, version }: Props) {
  const [change, setChange] = useState<(typeof KINDS)[number]>("joined");
  const mayListPeople = useCan("POST /api/v1/customers/search");
  const cursor = useCursor();
  const found = useQuery({
    ...segmentChangesQuery({ segmentId, version, from, to, change, cursor: cursor.cursor }),
    placeholderData: keepPreviousData,
  });
  return (
    <QueryBoundary query={found} failure={text.changesFailed} skeleton={<Skeleton lines={3} />}>
      {(changes) => (
        <>
          <dl className={classes(tiles.tiles, styles.tiles)} data-testid="changes">
            {(["joined", "left", "stayed"] as const).map((name) => (
              <div className={tiles.tile} key={name}>
                <dt>{text[name]}</dt>
                <dd>{formatCount(changes[name])}</dd>
              </div>
            ))}
          </dl>
          {mayListPeople && (
            <>
              <fieldset className={styles.choice} aria-label={text.whichList}>
                {KINDS.map((kind) => (
                  <button
                    key={kind}
                    type="button"
                    className={button("neutral", "small")}
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
        </>
      )}
    </QueryBoundary>
  );
}

function People({ changes, change }: { changes: Found; change: "joined" | "left" }) {
  if (changes[change] === 0) {
    return <p className={typography.quiet}>{change === "joined" ? text.nobodyJoined : text.nobodyLeft}</p>;
  }
  return (
    <ul className={lists.compact} aria-label={text[change]}>
      {changes.data.map((person) => (
        <li key={person.key}>
          <Link to={`/customers/${person.key}`}>{person.name ?? person.customer_id}</Link>
          <span className={lists.detail}>{person.email}</span>
        </li>
      ))}
    </ul>
  );
}
