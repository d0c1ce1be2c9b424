import { Link } from "react-router";

import { ApiError } from "../api/http";
import type { Channel, CustomerBrief, Matched, Preview } from "../api/types";
import { useCan } from "../session/useSession";
import { exclusionWords, reasonOfOne, audienceText as text } from "../texts/audience";
import { capitalized, formatAmount, formatCount, formatTime } from "../texts/format";
import { button } from "../ui/button";
import layout from "../ui/layout.module.css";
import lists from "../ui/lists.module.css";
import { Card } from "../ui/Page";
import { Problem } from "../ui/Problem";
import typography from "../ui/typography.module.css";
import styles from "./Count.module.css";
import { inRuleWords } from "./faults";

interface Props {
  preview: Preview | undefined;
  counting: boolean;
  error: unknown;
  retry: () => unknown;
  unfinished: boolean;
  channel: Channel;
  /** Offered for each person of the sample: why they are in. */
  onAsk?: (person: CustomerBrief) => void;
  /** Whether the rules are said in words elsewhere on the page. */
  isDescribed?: boolean;
}

/**
 * How many the rules match, how many of them can be written to, why the others cannot, and who some of them are, for
 * those who may list people.
 */
export function Count({ preview, counting, error, retry, unfinished, channel, onAsk, isDescribed = false }: Props) {
  const failed = Boolean(error) && !counting && !unfinished;
  return (
    <Card title={text.countTitle}>
      <p className={styles.count} role="status" aria-live="polite" data-testid="audience-count">
        {unfinished ? text.unfinished : counting ? text.counting : countWords(error ? undefined : preview)}
      </p>
      {failed && (
        <Problem
          error={error instanceof ApiError ? inRuleWords(error) : error}
          title={text.countFailed}
          onRetry={() => void retry()}
        />
      )}
      {preview && !unfinished && !error && (
        <div className={counting ? layout.stale : undefined} aria-busy={counting}>
          <Reach preview={preview} channel={channel} />
          {!isDescribed && <p className={styles.description}>{capitalized(preview.description)}</p>}
          <Sample people={preview.sample} of={preview.matched} onAsk={onAsk} />
          <p className={typography.note}>{text.asOf(formatTime(preview.as_of))}</p>
        </div>
      )}
    </Card>
  );
}

/** Who of the matched can be reached on the channel. */
export function Reach({ preview, channel }: { preview: Preview; channel: Channel }) {
  const { matched, reachable } = preview;
  const excluded = Object.entries(preview.excluded).filter(([, count]) => count > 0);
  return (
    <>
      {matched > 0 && (
        <div className={styles.reach} aria-hidden="true">
          <span style={{ width: `${(100 * reachable) / matched}%` }} />
        </div>
      )}
      <p className={layout.below1}>
        <strong data-testid="audience-reachable">{formatCount(reachable)}</strong> {text.reachableBy(channel)}
      </p>
      {excluded.length > 0 && (
        <ul className={styles.excluded} aria-label={text.notReachable}>
          {excluded.map(([reason, count]) => (
            <li key={reason}>{exclusionWords(reason, count)}</li>
          ))}
        </ul>
      )}
    </>
  );
}

interface SampleProps {
  people: Matched[];
  of: number;
  onAsk: ((person: CustomerBrief) => void) | undefined;
}

function Sample({ people, of, onAsk }: SampleProps) {
  const mayListPeople = useCan("POST /api/v1/customers/search");
  if (of === 0) return null;
  if (!mayListPeople) return <p className={typography.quiet}>{text.sampleWithheld}</p>;
  return (
    <details className={layout.below4}>
      <summary>{text.showSample(people.length, of)}</summary>
      <ul className={lists.compact} aria-label={text.sampleLabel}>
        {people.map((person) => (
          <li key={person.key}>
            <div>
              <Link to={`/customers/${person.key}`}>{nameOf(person)}</Link>
              <span className={lists.detail}>
                {text.spent(formatAmount(person.total_spend))}
                {person.reason && `, ${reasonOfOne(person.reason)}`}
              </span>
            </div>
            {onAsk && (
              <button
                type="button"
                className={button("neutral", "small")}
                aria-label={text.whyOf(nameOf(person))}
                onClick={() => onAsk(person)}
              >
                {text.why}
              </button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

const nameOf = (person: CustomerBrief) => person.name ?? person.customer_id;

function countWords(preview: Preview | undefined): string {
  return preview ? text.ofAll(preview.matched, preview.total) : text.notCounted;
}
