import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { listCampaigns } from "../api/endpoints";
import { useMay } from "../session/useSession";
import { Answer } from "../ui/Answer";
import { Empty, Page } from "../ui/Page";
import { Pager } from "../ui/Pager";
import { useCursor } from "../ui/useCursor";
import { CampaignTable } from "./CampaignTable";
import { isActive } from "./words";

export default function Campaigns() {
  const cursor = useCursor();
  const campaigns = useQuery({
    queryKey: ["campaigns", "list", cursor.cursor],
    queryFn: ({ signal }) => listCampaigns(cursor.cursor, 20, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.data.some((one) => isActive(one.status)) ? 2_000 : false),
  });
  const create = useMay("marketer") && (
    <Link className="btn btn-primary" to="/campaigns/new">
      New campaign
    </Link>
  );
  return (
    <Page title="Campaigns" lead="Newest first." actions={create}>
      <div className="card">
        <div className="card-body">
          <Answer query={campaigns} failure="The campaigns could not be loaded">
            {({ data, next_cursor }) =>
              data.length === 0 ? (
                <Empty title="No campaigns yet">
                  <p>Choose an audience, write a message, and send it. Nothing goes out before you confirm it.</p>
                  {create}
                </Empty>
              ) : (
                <>
                  <CampaignTable campaigns={data} />
                  <Pager cursor={cursor} next={next_cursor} of="campaigns" />
                </>
              )
            }
          </Answer>
        </div>
      </div>
    </Page>
  );
}
