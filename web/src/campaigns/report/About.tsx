import { Link } from "react-router";

import type { Campaign } from "../../api/types";
import { CHANNEL_NAMES, exclusionWords } from "../../texts/audience";
import { campaignsText as text } from "../../texts/campaigns";
import { capitalized, formatCount, formatTime } from "../../texts/format";
import details from "../../ui/details.module.css";
import layout from "../../ui/layout.module.css";
import { Card } from "../../ui/Page";
import letter from "../shared/Letter.module.css";

/** Whom it went to, how, and what it said. Matched and left out are as they were at the launch. */
export function About({ one }: { one: Campaign }) {
  const { facts } = text;
  const excluded = Object.entries(one.excluded).map(([reason, count]) => exclusionWords(reason, count));
  return (
    <Card title={text.about}>
      <dl className={layout.below4}>
        <Fact name={facts.audience}>{capitalized(one.description)}</Fact>
        {one.segment_id && (
          <Fact name={facts.segment}>
            <Link to={`/segments/${one.segment_id}`}>{text.segmentNow}</Link>
          </Fact>
        )}
        {one.matched !== null && <Fact name={facts.matched}>{formatCount(one.matched)}</Fact>}
        {one.matched !== null && (
          <Fact name={facts.excluded}>{excluded.length > 0 ? excluded.join(", ") : text.nobodyLeftOut}</Fact>
        )}
        <Fact name={facts.channel}>{CHANNEL_NAMES[one.channel]}</Fact>
        <Fact name={facts.rate}>{one.rate ? text.atRate(one.rate) : text.unlimited}</Fact>
        <Fact name={facts.launched}>{formatTime(one.launched_at)}</Fact>
        <Fact name={facts.finished}>{formatTime(one.finished_at)}</Fact>
        <Fact name={facts.by}>{one.created_by}</Fact>
      </dl>
      <div className={letter.letter} dir="auto">
        {one.message.subject && <p className={letter.subject}>{one.message.subject}</p>}
        <p className={letter.body}>{one.message.body}</p>
      </div>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className={details.detail}>
      <dt>{name}</dt>
      <dd dir="auto">{children}</dd>
    </div>
  );
}
