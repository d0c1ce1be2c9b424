import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";

import { explanationQuery } from "../api/audience";
import { customersQuery } from "../api/customers";
import type { CustomerBrief, WireGroup } from "../api/types";
import { useCan } from "../session/useSession";
import { audienceText as text } from "../texts/audience";
import { formatDate } from "../texts/format";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import layout from "../ui/layout.module.css";
import { Card } from "../ui/Page";
import { QueryBoundary } from "../ui/QueryBoundary";
import typography from "../ui/typography.module.css";
import { useDebounced } from "../ui/useDebounced";
import styles from "./Explain.module.css";
import { Verdicts } from "./Verdicts";

interface Props {
  rules: WireGroup | null;
  /** Offered before anything is searched for. */
  sample: CustomerBrief[];
  chosen: CustomerBrief | null;
  onChoose: (person: CustomerBrief) => void;
}

/** For any one person: are they in, and which rule says so. Only for those who may search for people. */
export function Explain({ rules, sample, chosen, onChoose }: Props) {
  const maySearch = useCan("POST /api/v1/customers/search");
  const [search, setSearch] = useState("");
  const id = useId();
  const { people, nobody } = usePeople(search, sample);
  if (!maySearch) return null;
  return (
    <Card title={text.explainTitle}>
      <label className={forms.label} htmlFor={id}>
        {text.explainFind}
      </label>
      <input
        id={id}
        type="search"
        className={forms.medium}
        value={search}
        onChange={(event) => setSearch(event.target.value)}
        onKeyDown={(event) => {
          // It may stand inside a form, which Enter would send.
          if (event.key === "Enter") event.preventDefault();
        }}
      />
      {nobody && <p className={classes(layout.above2, typography.quiet)}>{text.explainNobody}</p>}
      <ul className={styles.choices} aria-label={text.explainFound}>
        {people.slice(0, 5).map((person) => (
          <li key={person.key}>
            <button
              type="button"
              className={button("neutral", "small")}
              aria-pressed={person.key === chosen?.key}
              onClick={() => onChoose(person)}
            >
              {person.name ?? person.customer_id}
            </button>
          </li>
        ))}
      </ul>
      {chosen && rules && <Explained key={chosen.key} rules={rules} person={chosen} />}
      {chosen && !rules && <p className={typography.quiet}>{text.explainUnfinished}</p>}
    </Card>
  );
}

function usePeople(search: string, sample: CustomerBrief[]): { people: CustomerBrief[]; nobody: boolean } {
  const wanted = useDebounced(search.trim(), 250);
  const found = useQuery({
    ...customersQuery(wanted, null),
    enabled: wanted !== "",
  });
  if (wanted === "") return { people: sample, nobody: false };
  return { people: found.data?.data ?? [], nobody: found.data?.data.length === 0 };
}

function Explained({ rules, person }: { rules: WireGroup; person: CustomerBrief }) {
  const settled = useDebounced(JSON.stringify(rules), 250);
  const place = useRef<HTMLDivElement>(null);
  const explained = useQuery(explanationQuery(JSON.parse(settled) as WireGroup, person.key));
  const isThere = explained.data !== undefined;
  useEffect(() => {
    // The answer to a question from the sample is scrolled into view.
    if (isThere) place.current?.scrollIntoView({ block: "nearest" });
  }, [isThere]);
  return (
    <div ref={place} aria-live="polite">
      <QueryBoundary query={explained} failure={text.explainFailed}>
        {({ matches, name, customer_id, rules: root }) => (
          <div data-testid="explanation">
            <p className={classes(layout.below2, typography.strong)}>
              {matches ? text.isIn(name ?? customer_id) : text.isOut(name ?? customer_id)}
              {root.leaves_on && (
                <span className={typography.normal}> {text.leavesOn(formatDate(root.leaves_on))}</span>
              )}
            </p>
            <Verdicts root={root} />
          </div>
        )}
      </QueryBoundary>
    </div>
  );
}
