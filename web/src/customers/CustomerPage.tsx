import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { customerQuery } from "../api/customers";
import type { CustomerDetail } from "../api/types";
import { useMayOpen } from "../session/pages";
import { customersText } from "../texts/customers";
import { formatCount, formatDate, formatMoney } from "../texts/format";
import { classes } from "../ui/classes";
import layout from "../ui/layout.module.css";
import { Card, Page } from "../ui/Page";
import { QueryBoundary } from "../ui/QueryBoundary";
import { Tile, Tiles } from "../ui/Tiles";
import { CustomerActions } from "./CustomerActions";
import styles from "./CustomerPage.module.css";
import { DoNotSend } from "./DoNotSend";
import { Memberships } from "./Memberships";
import { Messages } from "./Messages";
import { Orders } from "./Orders";
import { Profile } from "./Profile";

const { tiles } = customersText;
const BACK = { to: "/customers", label: customersText.back };

export default function CustomerPage() {
  const { customerKey = "" } = useParams();
  const mayList = useMayOpen()(BACK.to);
  const detail = useQuery(customerQuery(customerKey));
  return (
    <QueryBoundary
      query={detail}
      failure={customersText.oneFailed}
      page={customersText.one}
      {...(mayList && { back: BACK })}
    >
      {(data) => <Known detail={data} mayList={mayList} />}
    </QueryBoundary>
  );
}

function Known({ detail: { customer: one, orders, messages }, mayList }: { detail: CustomerDetail; mayList: boolean }) {
  return (
    <Page
      title={one.name ?? customersText.nameless(one.customer_id)}
      {...(mayList && { back: BACK })}
      lead={one.email}
      actions={<CustomerActions one={one} orders={orders.length} />}
    >
      <Tiles>
        <Tile name={tiles.spent} value={formatMoney(one.total_spend ?? 0)} />
        <Tile name={tiles.orders} value={formatCount(one.order_count ?? 0)} />
        <Tile name={tiles.lastOrder} value={formatDate(one.last_order_at)} />
        <Tile name={tiles.visits} value={one.visits == null ? "–" : formatCount(one.visits)} />
      </Tiles>
      <div className={classes(layout.halves, styles.profile)}>
        <div>
          <Profile one={one} />
          <DoNotSend one={one} />
          <Memberships customerKey={one.key} />
        </div>
        <div>
          <Card
            title={customersText.orders}
            lead={(one.order_count ?? 0) > orders.length && customersText.latestOrders(orders.length)}
            flush={orders.length > 0}
          >
            <Orders orders={orders} />
          </Card>
          <Card title={customersText.messages}>
            <Messages messages={messages} />
          </Card>
        </div>
      </div>
    </Page>
  );
}
