import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { listSegments } from "../api/endpoints";
import type { Segment } from "../api/types";
import { useMay } from "../session/useSession";
import { Answer } from "../ui/Answer";
import { capitalized, formatTime } from "../ui/format";
import { Empty, Page } from "../ui/Page";

export default function Segments() {
  const segments = useQuery({ queryKey: ["segments"], queryFn: ({ signal }) => listSegments(signal) });
  const create = useMay("marketer") && (
    <Link className="btn btn-primary" to="/segments/new">
      New segment
    </Link>
  );
  return (
    <Page title="Segments" lead="Audiences by rules, kept under a name. Who is in follows your data." actions={create}>
      <div className="card">
        <div className="card-body">
          <Answer query={segments} failure="The segments could not be loaded">
            {({ data }) =>
              data.length === 0 ? (
                <Empty title="No segments yet">
                  <p>Describe a group of customers once, and write to it whenever you like.</p>
                  {create}
                </Empty>
              ) : (
                <ul className="rows">
                  {data.map((segment) => (
                    <Row key={segment.id} segment={segment} />
                  ))}
                </ul>
              )
            }
          </Answer>
        </div>
      </div>
    </Page>
  );
}

function Row({ segment }: { segment: Segment }) {
  return (
    <li className="row-item">
      <div>
        <Link className="fw-semibold" to={`/segments/${segment.id}`}>
          {segment.name}
        </Link>
        <p className="mb-0">{capitalized(segment.description)}</p>
      </div>
      <span className="small text-body-secondary">Changed {formatTime(segment.updated_at)}</span>
    </li>
  );
}
