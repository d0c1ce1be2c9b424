/** What travels, by the names that the web app uses. Times are ISO 8601 in UTC. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Role = Schemas["MemberResponse"]["role"];
export type Session = Schemas["SessionResponse"];
export type SessionConfig = Schemas["ConfigResponse"];

export type CustomerBrief = Schemas["PersonResponse"];
export type CustomerDetail = Schemas["CustomerDetailResponse"];
export type Customer = CustomerDetail["customer"];
export type Order = Schemas["OrderResponse"];
export type CustomerMessage = CustomerDetail["messages"][number];
export type Membership = Schemas["MembershipResponse"];

export type Limits = Schemas["LimitsResponse"];

export type Preview = Schemas["AudiencePreviewResponse"];
export type Matched = Schemas["MatchedResponse"];

/** Rules as they are sent. `all: true` without rules matches everyone; an empty group alone is refused. */
export type WireGroup = Schemas["RuleGroup"];
/** An audience by its rules, or by the segment or campaign that has stored them. */
export type AudienceOf = { rules: WireGroup } | { segment_id: string } | { campaign_id: string };
export type WireRule = Schemas["Rule"];
export type WireBehaviour = Schemas["OrderRule"];
export type WireValue = Exclude<WireRule["value"], undefined>;
export type Scalar = Exclude<WireValue, RelativeDate | unknown[] | null>;
export type RelativeDate = Schemas["RelativeDate"];
export type Unit = RelativeDate["unit"];
export type MatchMode = WireBehaviour["match"]["mode"];
/** A field that rules can use, and what the server offers of it. */
export type CatalogueEntry = Schemas["RuleField"];
export type Choice = Schemas["Named"];
/** One node of the rules, for one customer. */
export type Verdict = Schemas["ExplainedRule"];

export type Segment = Schemas["SegmentResponse"];
export type SegmentVersion = Schemas["VersionResponse"];
export type Movement = NonNullable<Segment["movement"]>;
export type SegmentSnapshot = Schemas["SnapshotResponse"];
export type SnapshotKind = SegmentSnapshot["kind"];
export type Changes = Schemas["ChangesResponse"];
export type PersonMoved = Schemas["PersonMovedResponse"];

export type Campaign = Schemas["CampaignResponse"];
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
export type LogRow = Schemas["LogRowResponse"];
export type RowStatus = LogRow["status"];
export type Resolution = Schemas["ResolveRequest"]["resolution"];
export type Message = Schemas["MessagePart"];
export type RenderedMessage = Schemas["RenderedMessageResponse"];

export type ImportState = Schemas["ImportResponse"];
export type ImportKind = ImportState["kind"];
export type ImportColumns = Schemas["ColumnsResponse"];
/** Column of the file → field. What is not in it is left out. */
export type ImportMapping = Record<string, string>;
export type ImportProblem = Schemas["ProblemRowResponse"];

export type Member = Schemas["MemberResponse"];
export type ApiKey = Schemas["KeyResponse"];
export type NewKey = Schemas["NewKey"];
export type Scope = NewKey["scopes"][number];
export type WebhookSecret = Schemas["SecretResponse"];
export type AuditEvent = Schemas["AuditEventResponse"];
export type FieldChange = Schemas["FieldChangeResponse"];
/** Which audit events to show; times are ISO 8601, `until` is not included. */
export interface AuditFilter {
  action: AuditEvent["action"] | null;
  /** An event's `actor_id`. */
  actor: string | null;
  since: string | null;
  until: string | null;
}

export type Overview = Schemas["OverviewResponse"];
export type OverviewMonth = Schemas["MonthResponse"];
