import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { listCampaigns, listSegments, previewAudience } from "../api/endpoints";
import type { Campaign } from "../api/types";
import { EVERYONE } from "../audience/wire";
import { CampaignTable } from "../campaigns/CampaignTable";
import { useMay } from "../session/useSession";
import { Answer } from "../ui/Answer";
import { formatCount } from "../ui/format";
import { Card, Page } from "../ui/Page";
import { nextStep } from "./nextStep";

const RECENT = 5;

export default function Home() {
  const everyone = useQuery({
    queryKey: ["audience", "simulator", "everyone"],
    queryFn: ({ signal }) => previewAudience(EVERYONE, "simulator", signal),
  });
  const segments = useQuery({ queryKey: ["segments"], queryFn: ({ signal }) => listSegments(signal) });
  const campaigns = useQuery({
    queryKey: ["campaigns", "list", "recent"],
    queryFn: ({ signal }) => listCampaigns(null, RECENT, signal),
  });
  return (
    <Page title="Home">
      <Answer query={everyone} failure="The customers could not be counted">
        {({ total, reachable }) => (
          <Answer query={segments} failure="The segments could not be loaded">
            {({ data: kept, next_cursor }) => (
              <Answer query={campaigns} failure="The campaigns could not be loaded">
                {({ data: recent }) => (
                  <>
                    <dl className="tiles mb-4">
                      <Tile name="Customers" to="/customers" value={formatCount(total)} />
                      <Tile name="Can be reached" to="/customers" value={formatCount(reachable)} />
                      <Tile name="Segments" to="/segments" value={`${kept.length}${next_cursor ? "+" : ""}`} />
                    </dl>
                    <Next customers={total} segments={kept.length} campaigns={recent.length} />
                    <Recent campaigns={recent} />
                  </>
                )}
              </Answer>
            )}
          </Answer>
        )}
      </Answer>
    </Page>
  );
}

function Tile({ name, to, value }: { name: string; to: string; value: string }) {
  return (
    <div className="tile">
      <dt>
        <Link to={to}>{name}</Link>
      </dt>
      <dd>{value}</dd>
    </div>
  );
}

function Next(there: { customers: number; segments: number; campaigns: number }) {
  const mayWrite = useMay("marketer");
  const { title, text, action, path } = nextStep(there.customers, there.segments, there.campaigns);
  if (!mayWrite) return null;
  return (
    <Card title={title}>
      <p>{text}</p>
      <Link className="btn btn-primary" to={path}>
        {action}
      </Link>
    </Card>
  );
}

function Recent({ campaigns }: { campaigns: Campaign[] }) {
  if (campaigns.length === 0) return null;
  return (
    <Card title="Recent campaigns" actions={<Link to="/campaigns">All campaigns</Link>}>
      <CampaignTable campaigns={campaigns} />
    </Card>
  );
}
