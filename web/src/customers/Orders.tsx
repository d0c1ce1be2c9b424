import type { Order } from "../api/types";
import { customersText } from "../texts/customers";
import { Badge, type Tone } from "../ui/Badge";
import { formatDate, formatMoney } from "../ui/format";
import { TableFrame } from "../ui/TableFrame";

const TONES: Record<string, Tone> = { completed: "good", pending: "busy", cancelled: "quiet", refunded: "warn" };

export function Orders({ orders }: { orders: readonly Order[] }) {
  const { orderColumns: columns } = customersText;
  if (orders.length === 0) return <p className="mb-0 text-body-secondary">{customersText.noOrders}</p>;
  return (
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
          {orders.map((order) => (
            <tr key={order.order_id}>
              <td className="text-nowrap">{formatDate(order.placed_at)}</td>
              <td data-label={columns.category} dir="auto">{order.category ?? "–"}</td>
              <td data-label={columns.status}>
                <Badge tone={TONES[order.status] ?? "quiet"}>
                  {customersText.orderStatus[order.status] ?? order.status}
                </Badge>
              </td>
              <td data-label={columns.amount} className="number">{formatMoney(order.amount, order.currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
