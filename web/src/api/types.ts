/** What travels, by the names that the web app uses. Times are ISO 8601 in UTC. */

import type { CatalogueEntry, Verdict, WireGroup } from "./rules";
import type { components } from "./schema";

export type * from "./rules";

type Schemas = components["schemas"];
/** The schema leaves rules open. */
type WithRules<T extends { rules?: unknown }> = Omit<T, "rules"> & { rules: WireGroup };

export interface Page<T> {
  data: T[];
  next_cursor?: string | null;
}

export type Role = Schemas["MemberResponse"]["role"];
export type Session = Schemas["SessionResponse"];
export type SessionConfig = Schemas["ConfigResponse"];

export type CustomerBrief = Schemas["PersonResponse"];
export type CustomerDetail = Schemas["DetailResponse"];
export type Customer = CustomerDetail["customer"];
export type Order = Schemas["OrderResponse"];
export type CustomerMessage = CustomerDetail["messages"][number];
export type SegmentStanding = Required<Omit<Schemas["MembershipResponse"], "explanation">> & {
  explanation: Verdict | null;
};

export type Limits = Schemas["LimitsResponse"];

export type Preview = Schemas["PreviewResponse"];
export type Matched = Schemas["MatchedResponse"];
export type Explanation = {
  customer_id: string;
  name: string | null;
  matches: boolean;
  rules: Verdict;
};
export type Fields = Page<CatalogueEntry>;

export type Segment = WithRules<Schemas["SegmentResponse"]>;
export type SegmentVersion = WithRules<Schemas["VersionResponse"]>;
export type Movement = NonNullable<Segment["movement"]>;
export type SegmentSnapshot = Schemas["SnapshotResponse"];
export type SnapshotKind = SegmentSnapshot["kind"];
export type Changes = Schemas["ChangesResponse"];
export type PersonMoved = Schemas["PersonMovedResponse"];

export type Campaign = WithRules<Schemas["CampaignResponse"]>;
export type CampaignStatus = Campaign["status"];
/** What the signed-in person may do with a campaign now. */
export type AllowedAction = Campaign["allowed_actions"][number];
export type Percent = Schemas["PercentResponse"];
export type Cohort = Schemas["CohortResponse"];
export type Channel = Campaign["channel"];
export type NewCampaign = Schemas["CampaignRequest"];
export type Stats = Schemas["StatsResponse"];
export type Summary = Schemas["SummaryResponse"];
export type Timeline = Schemas["TimelineResponse"];
export type TimelineBucket = Timeline["data"][number];
export type LogRow = Schemas["RowResponse"];
export type RowStatus = LogRow["status"];
export type Resolution = Schemas["ResolveRequest"]["as"];
export type Message = Schemas["MessagePart"];
export type RenderedMessage = Schemas["RenderedResponse"];

export type ImportState = Schemas["ImportResponse"];
export type ImportKind = ImportState["kind"];
export type ImportColumns = Schemas["ColumnsResponse"];
/** Column of the file → field. What is not in it is left out. */
export type ImportMapping = Record<string, string>;
export type ImportProblem = Schemas["ProblemRowResponse"];

export type Member = Schemas["MemberResponse"];
export type ApiKey = Schemas["KeyResponse"];
export type WebhookSecret = Schemas["SecretResponse"];
export type AuditEvent = Schemas["AuditEventResponse"];

export type Overview = Schemas["OverviewResponse"];
export type OverviewMonth = Schemas["MonthResponse"];
