import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { customerSegmentsQuery } from "../api/customers";
import type { Membership } from "../api/types";
import { Verdicts } from "../audience/Verdicts";
import { customersText } from "../texts/customers";
import { Badge } from "../ui/Badge";
import layout from "../ui/layout.module.css";
import lists from "../ui/lists.module.css";
import { Card, Skeleton } from "../ui/Page";
import { QueryBoundary } from "../ui/QueryBoundary";
import typography from "../ui/typography.module.css";

/** Every segment, whether this customer is in it, and which rule says so. */
export function Memberships({ customerKey }: { customerKey: string }) {
  const memberships = useQuery(customerSegmentsQuery(customerKey));
  return (
    <Card title={customersText.segments} lead={customersText.segmentsLead}>
      <QueryBoundary query={memberships} failure={customersText.segmentsFailed} skeleton={<Skeleton />}>
        {({ data }) =>
          data.length === 0 ? (
            <p className={typography.quiet}>{customersText.noSegments}</p>
          ) : (
            <ul className={lists.rows} aria-label={customersText.segments}>
              {[...data]
                .sort((one, other) => Number(other.matches) - Number(one.matches))
                .map((membership) => (
                  <MembershipRow key={membership.segment_id} membership={membership} />
                ))}
            </ul>
          )
        }
      </QueryBoundary>
    </Card>
  );
}

function MembershipRow({ membership }: { membership: Membership }) {
  const { segment_id, name, matches, explanation, problem } = membership;
  return (
    <li className={lists.row}>
      <div>
        <div className={layout.cluster}>
          <Link className={typography.strong} to={`/segments/${segment_id}`} dir="auto">
            {name}
          </Link>
          {problem === null ? (
            <Badge tone={matches ? "good" : "quiet"}>{matches ? customersText.in : customersText.out}</Badge>
          ) : (
            <Badge tone="warn">{customersText.notEvaluated}</Badge>
          )}
        </div>
        {problem !== null && <p>{problem}</p>}
        {explanation !== null && (
          <details className={layout.above1}>
            <summary>
              {customersText.why}
              <span className={typography.hidden}> {name}</span>
            </summary>
            <Verdicts root={explanation} />
          </details>
        )}
      </div>
    </li>
  );
}
