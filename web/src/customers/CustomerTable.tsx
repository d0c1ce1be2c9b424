import { Link } from "react-router";

import type { CustomerBrief } from "../api/types";
import { customersText } from "../texts/customers";
import { formatCount, formatDate, formatMoney } from "../texts/format";
import { classes } from "../ui/classes";
import { TableFrame } from "../ui/TableFrame";
import tables from "../ui/tables.module.css";
import typography from "../ui/typography.module.css";
import styles from "./CustomerTable.module.css";

const { columns } = customersText;

export function CustomerTable({ customers }: { customers: readonly CustomerBrief[] }) {
  return (
    <TableFrame label={customersText.title}>
      <table className={classes(tables.table, tables.stack, tables.middle, styles.table)}>
        <thead>
          <tr>
            <th scope="col">{columns.name}</th>
            <th scope="col">{columns.email}</th>
            <th scope="col">{columns.city}</th>
            <th scope="col" className={tables.number}>
              {columns.orders}
            </th>
            <th scope="col" className={tables.number}>
              {columns.spent}
            </th>
            <th scope="col">{columns.last}</th>
          </tr>
        </thead>
        <tbody>
          {customers.map((one) => (
            <tr key={one.key}>
              <td>
                <Link to={`/customers/${one.key}`} dir="auto">
                  {one.name ?? customersText.nameless(one.customer_id)}
                </Link>
              </td>
              <td data-label={columns.email}>{one.email ?? "–"}</td>
              <td data-label={columns.city} dir="auto">
                {one.city ?? "–"}
              </td>
              <td data-label={columns.orders} className={tables.number}>
                {formatCount(one.order_count ?? 0)}
              </td>
              <td data-label={columns.spent} className={tables.number}>
                {formatMoney(one.total_spend)}
              </td>
              <td data-label={columns.last} className={typography.nowrap}>
                {formatDate(one.last_order_at)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
