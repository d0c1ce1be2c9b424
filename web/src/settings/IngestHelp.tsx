import { Link } from "react-router";

import { useLimits } from "../session/useLimits";
import { useCan } from "../session/useSession";
import { settingsText } from "../texts/settings";
import { CopyButton } from "../ui/CopyButton";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import layout from "../ui/layout.module.css";
import { Card } from "../ui/Page";
import typography from "../ui/typography.module.css";
import { curl } from "./curl";
import styles from "./IngestHelp.module.css";

const { help } = settingsText;

const CUSTOMER = {
  customer_id: "C-1001",
  name: "Mira Shah",
  email: "mira@example.com",
  city: "Leeds",
  visits: 7,
  tags: ["newsletter"],
};
const ORDER = {
  order_id: "O-90001",
  customer_id: "C-1001",
  amount: 49.9,
  currency: "GBP",
  category: "shoes",
  placed_at: "2026-02-20T18:05:00Z",
};

/** How to send records, ready to paste. */
export function IngestHelp() {
  const address = `${window.location.origin}/api/v1/ingest`;
  const maySeeKeys = useCan("GET /api/v1/keys");
  const limits = useLimits();
  return (
    <Card title={help.records} lead={help.recordsText(limits?.ingest_batch)}>
      <h3>{help.address}</h3>
      <div className={classes(forms.pair, layout.below5)}>
        <code className={typography.secret}>{address}</code>
        <CopyButton text={address} label={help.copyAddress} />
      </div>
      <Example title={help.customer} text={curl(address, "customers", CUSTOMER)} />
      <Example title={help.order} text={curl(address, "orders", ORDER)} />
      <Example title={help.batch} text={curl(address, "customers/batch", { records: [CUSTOMER] })} />
      <p>
        {help.again} {maySeeKeys && <Link to="/settings/keys">{help.keys}</Link>}
      </p>
      <ul>
        <li>
          <a href="/api/v1/ingest/docs">{help.ingestReference}</a>
        </li>
        <li>
          <a href="/api/v1/docs">{help.appReference}</a>
        </li>
      </ul>
    </Card>
  );
}

function Example({ title, text }: { title: string; text: string }) {
  return (
    <>
      <h3>{title}</h3>
      <div className={styles.example}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
        <section tabIndex={0} aria-label={title}>
          <pre>
            <code>{text}</code>
          </pre>
        </section>
        <CopyButton text={text} label={help.copyOf(title)} />
      </div>
    </>
  );
}
