import { Card } from "../ui/Page";

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
  return (
    <Card title="Send customers and orders">
      <p>Post one record, or up to 1,000 as a batch. The answer comes once the records are safe.</p>
      <h3>A customer</h3>
      <Example text={curl("customers", CUSTOMER)} />
      <h3>An order</h3>
      <Example text={curl("orders", ORDER)} />
      <p>
        Whatever is sent again replaces what was sent before; nothing counts twice. A batch goes to <code>…/batch</code>{" "}
        as <code>{'{"records": […]}'}</code>.
      </p>
      <ul className="mb-0">
        <li>
          <a href="/api/v1/ingest/docs">Reference of the ingest API</a>
        </li>
        <li>
          <a href="/api/v1/docs">Reference of this app’s API</a>
        </li>
      </ul>
    </Card>
  );
}

function Example({ text }: { text: string }) {
  return (
    <pre className="example">
      <code>{text}</code>
    </pre>
  );
}

function curl(kind: "customers" | "orders", record: object): string {
  return [
    `curl ${window.location.origin}/api/v1/ingest/${kind} \\`,
    `  -H "Authorization: Bearer $CRM_API_KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${JSON.stringify(record, null, 2)}'`,
  ].join("\n");
}
