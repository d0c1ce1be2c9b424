import type { Campaign, CampaignStatus, Stats } from "../../api/types";
import { campaignsText as text } from "../../texts/campaigns";
import { formatCount, formatPercent } from "../../texts/format";
import { classes } from "../../ui/classes";
import { Dot } from "../../ui/Dot";
import layout from "../../ui/layout.module.css";
import { Card } from "../../ui/Page";
import tiles from "../../ui/Tiles.module.css";
import typography from "../../ui/typography.module.css";
import { PARTS, settledOf, sharesOf } from "./figures";
import styles from "./Progress.module.css";

/** How far the campaign is, and where everybody stands. */
export function Progress({ one: { status, stats, percent } }: { one: Campaign }) {
  if (stats.audience === 0) {
    return (
      <Card title={text.progress}>
        <p role="status">{WITHOUT_AUDIENCE[status] ?? text.nobody}</p>
      </Card>
    );
  }
  const settled = settledOf(stats);
  const shares: Partial<Record<keyof Stats, number | null>> = { delivered: percent.delivered, failed: percent.failed };
  return (
    <Card title={text.progress} lead={text.settled(settled, stats.audience)}>
      <progress className={typography.hidden} aria-label={text.settledLabel} max={stats.audience} value={settled} />
      <Bar stats={stats} />
      <dl className={classes(tiles.tiles, styles.tiles)}>
        <Tile stat="audience" count={stats.audience} />
        <Tile stat="sent" count={stats.sent} />
        {PARTS.map((part) => (
          <Tile key={part} stat={part} count={stats[part]} percent={shares[part]} colour={part} />
        ))}
        {stats.opened > 0 && <Tile stat="opened" count={stats.opened} percent={percent.opened} />}
        {stats.clicked > 0 && <Tile stat="clicked" count={stats.clicked} percent={percent.clicked} />}
      </dl>
      <p className={classes(typography.note, layout.above2)}>{text.shares}</p>
      <p className={classes(typography.note, layout.above4)} data-testid="sum">
        {text.sum(stats)}
      </p>
    </Card>
  );
}

/** Until everybody's place is written down, there is nobody to count. */
const WITHOUT_AUDIENCE: Partial<Record<CampaignStatus, string>> = {
  launching: text.fixing,
  paused: text.pausedBefore,
  cancelled: text.cancelledBefore,
};

function Bar({ stats }: { stats: Stats }) {
  return (
    <div className={styles.bar} aria-hidden="true">
      {sharesOf(stats).map(({ part, share }) => (
        <span key={part} className={styles.part} style={{ width: `${share}%`, background: `var(--crm-${part})` }} />
      ))}
    </div>
  );
}

interface TileProps {
  stat: keyof Stats;
  count: number;
  /** Undefined where none is given; null for a share of nothing. */
  percent?: number | null | undefined;
  colour?: string;
}

function Tile({ stat, count, percent, colour }: TileProps) {
  return (
    <div className={tiles.tile}>
      <dt>
        {colour && <Dot tone={colour} />}
        {text.parts[stat]}
      </dt>
      <dd>
        <span data-testid={`stat-${stat}`}>{formatCount(count)}</span>
        {percent !== undefined && <span className={styles.share}>{formatPercent(percent)}</span>}
      </dd>
    </div>
  );
}
