import { Link } from "react-router";

import type { Channel, Matched, Preview } from "../api/types";
import { capitalized, formatAmount, formatCount, formatTime, plural } from "../ui/format";
import { Card } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { BY_CHANNEL, exclusionWords, reasonOfOne } from "./words";

interface Props {
  preview: Preview | undefined;
  counting: boolean;
  error: unknown;
  retry: () => unknown;
  unfinished: boolean;
  channel: Channel;
}

/** How many the rules match, how many of them can be written to, why the others cannot, and who some of them are. */
export function Count({ preview, counting, error, retry, unfinished, channel }: Props) {
  return (
    <Card title="How many">
      <p className="count" role="status" aria-live="polite" data-testid="audience-count">
        {unfinished ? "Finish the marked rules" : counting ? "Counting…" : countWords(preview)}
      </p>
      {Boolean(error) && !counting && !unfinished && (
        <Problem error={error} title="The audience could not be counted" onRetry={() => void retry()} />
      )}
      {preview && !unfinished && !error && (
        <div className={counting ? "is-stale" : ""} aria-busy={counting}>
          <Reach preview={preview} channel={channel} />
          <p className="small text-body-secondary mb-3">{capitalized(preview.description)}</p>
          <Sample people={preview.sample} of={preview.matched} />
          <p className="small text-body-secondary mb-0">As of {formatTime(preview.as_of)}</p>
        </div>
      )}
    </Card>
  );
}

/** Who of the matched can be reached on the channel. */
export function Reach({ preview, channel }: { preview: Preview; channel: Channel }) {
  const excluded = Object.entries(preview.excluded).filter(([, count]) => count > 0);
  return (
    <>
      <p className="mb-1">
        <strong data-testid="audience-reachable">{formatCount(preview.reachable)}</strong> can be reached by{" "}
        {BY_CHANNEL[channel]}
      </p>
      {excluded.length > 0 && (
        <ul className="excluded" aria-label="Who cannot be reached">
          {excluded.map(([reason, count]) => (
            <li key={reason}>{exclusionWords(reason, count)}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Sample({ people, of }: { people: Matched[]; of: number }) {
  if (people.length === 0) return null;
  return (
    <details className="mb-3">
      <summary>
        Show {people.length} of {plural(of, "person", "people")}
      </summary>
      <ul className="sample">
        {people.map((person) => (
          <li key={person.customer_id}>
            <Link to={`/customers/${encodeURIComponent(person.customer_id)}`}>{person.name ?? person.customer_id}</Link>
            <span className="text-body-secondary">
              {" "}
              spent {formatAmount(person.total_spend)}
              {person.reason && `, ${reasonOfOne(person.reason)}`}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function countWords(preview: Preview | undefined): string {
  if (!preview) return "Not counted";
  return `${formatCount(preview.matched)} of ${plural(preview.total, "customer")}`;
}
