import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { campaignsQuery } from "../api/campaigns";
import { overviewQuery } from "../api/overview";
import { segmentNamesQuery } from "../api/segments";
import type { Campaign, Overview } from "../api/types";
import { CampaignTable } from "../campaigns/shared/CampaignTable";
import { SampleNote } from "../sample/SampleNote";
import { useCan } from "../session/useSession";
import { homeText } from "../texts/home";
import { button } from "../ui/button";
import { Card, Page, Skeleton } from "../ui/Page";
import { QueryBoundary } from "../ui/QueryBoundary";
import { Figures } from "./Figures";
import { FirstRun } from "./FirstRun";
import styles from "./Home.module.css";
import { Months } from "./Months";
import { nextStep } from "./nextStep";

const RECENT = 5;

export default function Home() {
  const about = useQuery(overviewQuery);
  const at = about.data && about.data.customers > 0 ? homeText.asOf(about.data.as_of) : undefined;
  return (
    <Page title={homeText.title} lead={at}>
      <QueryBoundary
        query={about}
        failure={homeText.failed}
        skeleton={
          <Card title={homeText.title}>
            <Skeleton lines={8} what={homeText.waiting} />
          </Card>
        }
      >
        {(data) => (data.customers === 0 ? <FirstRun /> : <Known about={data} />)}
      </QueryBoundary>
    </Page>
  );
}

function Known({ about }: { about: Overview }) {
  const mayWrite = useCan("POST /api/v1/campaigns");
  const segments = useQuery(segmentNamesQuery);
  const campaigns = useQuery(campaignsQuery(null, RECENT));
  return (
    <>
      {about.sample && <SampleNote />}
      <Figures about={about} />
      {about.months.length > 1 && <Months months={about.months} />}
      <QueryBoundary query={campaigns} failure={homeText.campaignsFailed} skeleton={<Skeleton />}>
        {({ data: recent }) => (
          <>
            {mayWrite && <Next segments={segments.data?.data.length ?? 0} campaigns={recent} />}
            <Recent campaigns={recent} />
          </>
        )}
      </QueryBoundary>
    </>
  );
}

function Next({ segments, campaigns }: { segments: number; campaigns: Campaign[] }) {
  const { title, text, action, path } = nextStep(segments, campaigns);
  return (
    <section className={styles.next}>
      <div>
        <h2>{title}</h2>
        <p>{text}</p>
      </div>
      <Link className={button("primary")} to={path}>
        {action}
      </Link>
    </section>
  );
}

function Recent({ campaigns }: { campaigns: Campaign[] }) {
  if (campaigns.length === 0) return null;
  return (
    <Card title={homeText.recent} flush actions={<Link to="/campaigns">{homeText.allCampaigns}</Link>}>
      <CampaignTable campaigns={campaigns} />
    </Card>
  );
}
