import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link } from "react-router";

import { campaignsQuery } from "../../api/campaigns";
import { useCan } from "../../session/useSession";
import { campaignsText as text } from "../../texts/campaigns";
import { button } from "../../ui/button";
import { Card, Empty, Page, Skeleton } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { QueryBoundary } from "../../ui/QueryBoundary";
import { useCursor } from "../../ui/useCursor";
import { CampaignTable } from "../shared/CampaignTable";
import { isActive } from "../shared/status";

const PAGE = 25;

export default function Campaigns() {
  const cursor = useCursor();
  const client = useQueryClient();
  const campaigns = useQuery({
    ...campaignsQuery(cursor.cursor, PAGE),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.data.some((one) => isActive(one.status)) ? 2_000 : false),
  });
  const next = campaigns.data?.next_cursor;
  useEffect(() => {
    // The next page is there before it is asked for.
    if (next) void client.prefetchQuery(campaignsQuery(next, PAGE));
  }, [client, next]);
  const create = useCan("POST /api/v1/campaigns") && (
    <Link className={button("primary")} to="/campaigns/new">
      {text.create}
    </Link>
  );
  return (
    <Page title={text.title} lead={text.lead} actions={campaigns.data?.data.length !== 0 && create}>
      <Card flush>
        <QueryBoundary query={campaigns} failure={text.listFailed} skeleton={<Skeleton lines={8} />}>
          {({ data, next_cursor }) =>
            data.length === 0 ? (
              <Empty title={text.emptyTitle} icon="campaign">
                <p>{text.emptyText}</p>
                {create}
              </Empty>
            ) : (
              <>
                <CampaignTable campaigns={data} withActions />
                <Pager cursor={cursor} next={next_cursor} isOld={campaigns.isPlaceholderData} of={text.listOf} />
              </>
            )
          }
        </QueryBoundary>
      </Card>
    </Page>
  );
}
