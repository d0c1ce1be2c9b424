import { useState } from "react";

import type { Order } from "../api/types";
import { customersText } from "../texts/customers";
import { formatDate, formatMoney } from "../texts/format";
import { Badge, type Tone } from "../ui/Badge";
import { TableFrame } from "../ui/TableFrame";

const TONES: Record<string, Tone> = { completed: "good", pending: "busy", cancelled: "quiet", refunded: "warn" };

/** So many are shown until all are asked for. */
const FEW = 10;

export function Orders({ orders }: { orders: readonly Order[] }) {
  const { orderColumns: columns } = customersText;
  const [isWhole, setWhole] = useState(false);
  if (orders.length === 0) return <p className="mb-0 text-body-secondary">{customersText.noOrders}</p>;
  return (
    <>
      <TableFrame label={customersText.orders}>
        <table className="table table-stack">
          <thead>
            <tr>
              <th scope="col">{columns.placed}</th>
              <th scope="col">{columns.category}</th>
              <th scope="col">{columns.status}</th>
              <th scope="col" className="number">
                {columns.amount}
              </th>
            </tr>
          </thead>
          <tbody>
            {(isWhole ? orders : orders.slice(0, FEW)).map((order) => (
              <tr key={order.order_id}>
                <td className="text-nowrap">{formatDate(order.placed_at)}</td>
                <td data-label={columns.category} dir="auto">
                  {order.category ?? "–"}
                </td>
                <td data-label={columns.status}>
                  <Status order={order} />
                </td>
                <td data-label={columns.amount} className="number">
                  {formatMoney(order.amount, order.currency)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      {orders.length > FEW && !isWhole && (
        <div className="pager">
          <button type="button" className="btn btn-sm btn-outline-secondary" onClick={() => setWhole(true)}>
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
