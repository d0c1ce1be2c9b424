import { useState } from "react";

import type { Order } from "../api/types";
import { customersText } from "../texts/customers";
import { formatDate, formatMoney } from "../texts/format";
import { Badge, type Tone } from "../ui/Badge";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import pager from "../ui/Pager.module.css";
import { TableFrame } from "../ui/TableFrame";
import tables from "../ui/tables.module.css";
import typography from "../ui/typography.module.css";

const TONES: Record<string, Tone> = { completed: "good", pending: "busy", cancelled: "quiet", refunded: "warn" };

/** So many are shown until all are asked for. */
const FEW = 10;

export function Orders({ orders }: { orders: readonly Order[] }) {
  const { orderColumns: columns } = customersText;
  const [isWhole, setWhole] = useState(false);
  if (orders.length === 0) return <p className={typography.quiet}>{customersText.noOrders}</p>;
  return (
    <>
      <TableFrame label={customersText.orders}>
        <table className={classes(tables.table, tables.stack)}>
          <thead>
            <tr>
              <th scope="col">{columns.placed}</th>
              <th scope="col">{columns.category}</th>
              <th scope="col">{columns.status}</th>
              <th scope="col" className={tables.number}>
                {columns.amount}
              </th>
            </tr>
          </thead>
          <tbody>
            {(isWhole ? orders : orders.slice(0, FEW)).map((order) => (
              <tr key={order.order_id}>
                <td className={typography.nowrap}>{formatDate(order.placed_at)}</td>
                <td data-label={columns.category} dir="auto">
                  {order.category ?? "–"}
                </td>
                <td data-label={columns.status}>
                  <Status order={order} />
                </td>
                <td data-label={columns.amount} className={tables.number}>
                  {formatMoney(order.amount, order.currency)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      {orders.length > FEW && !isWhole && (
        <div className={pager.pager}>
          <button type="button" className={button("neutral", "small")} onClick={() => setWhole(true)}>
            {customersText.moreOrders(orders.length - FEW)}
          </button>
        </div>
      )}
    </>
  );
}

/** What is worth less than nothing gives money back. */
function Status({ order: { status, amount } }: { order: Order }) {
  if (status === "completed" && amount < 0) return <Badge tone="quiet">{customersText.creditNote}</Badge>;
  return <Badge tone={TONES[status] ?? "quiet"}>{customersText.orderStatus[status] ?? status}</Badge>;
}
