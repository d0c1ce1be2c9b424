import type { Campaign, CampaignStatus, Stats } from "../api/types";
import { formatCount, formatShare, plural } from "../ui/format";
import { Card } from "../ui/Page";
import { PARTS, PART_WORDS, settledOf, sharesOf } from "./figures";

/** How far the campaign is, and where everybody stands. */
export function Progress({ one: { status, stats } }: { one: Campaign }) {
  if (stats.audience === 0) {
    return (
      <Card title="Progress">
        <p className="mb-0" role="status">
          {WITHOUT_AUDIENCE[status] ?? "Nobody is in the audience."}
        </p>
      </Card>
    );
  }
  return (
    <Card title="Progress">
      <p className="mb-2">
        {plural(settledOf(stats), "message")} of {formatCount(stats.audience)} settled
      </p>
      <progress
        className="visually-hidden"
        aria-label="Messages settled"
        max={stats.audience}
        value={settledOf(stats)}
      />
      <Bar stats={stats} />
      <dl className="tiles">
        <Tile name="Audience" stat="audience" value={stats.audience} />
        <Tile name="Sent" stat="sent" value={stats.sent} of={stats.audience} />
        {PARTS.map((part) => (
          <Tile key={part} name={PART_WORDS[part]} stat={part} value={stats[part]} of={stats.audience} colour={part} />
        ))}
        {stats.opened > 0 && <Tile name="Opened" stat="opened" value={stats.opened} of={stats.delivered} />}
        {stats.clicked > 0 && <Tile name="Clicked" stat="clicked" value={stats.clicked} of={stats.delivered} />}
      </dl>
    </Card>
  );
}

/** Until everybody's place is written down, there is nobody to count. */
const WITHOUT_AUDIENCE: Partial<Record<CampaignStatus, string>> = {
  launching: "The audience is being fixed. Sending starts in a moment.",
  paused: "Paused before the audience was fixed. Nothing has been sent.",
  cancelled: "Cancelled before anything was sent.",
};

function Bar({ stats }: { stats: Stats }) {
  return (
    <div className="bar" aria-hidden="true">
      {sharesOf(stats).map(({ part, share }) => (
        <span key={part} className={`bar-part is-${part}`} style={{ width: `${share}%` }} />
      ))}
    </div>
  );
}

interface TileProps {
  name: string;
  stat: keyof Stats;
  value: number;
  of?: number;
  colour?: string;
}

function Tile({ name, stat, value, of, colour }: TileProps) {
  return (
    <div className="tile">
      <dt>
        {colour && <span className={`dot is-${colour}`} aria-hidden="true" />}
        {name}
      </dt>
      <dd>
        <span data-testid={`stat-${stat}`}>{formatCount(value)}</span>
        {of !== undefined && <span className="tile-share">{formatShare(value, of)}</span>}
      </dd>
    </div>
  );
}
