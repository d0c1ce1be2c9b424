import type { Overview } from "../api/types";
import { useCan } from "../session/useSession";
import { formatCount, formatMoney, formatShare } from "../texts/format";
import { homeText } from "../texts/home";
import { Tile, Tiles } from "../ui/Tiles";

/** How many there are, how many can be written to, and what they bought. */
export function Figures({ about: { customers, reachable, orders, spend, months } }: { about: Overview }) {
  const { tiles } = homeText;
  const mayList = useCan("POST /api/v1/customers/search");
  const latest = months.at(-1);
  // By whichever way they can be reached best.
  const most = Math.max(0, ...Object.values(reachable));
  return (
    <Tiles large>
      <Tile
        name={tiles.customers}
        {...(mayList && { to: "/customers" })}
        value={formatCount(customers)}
        note={latest && latest.customers_new > 0 && tiles.newThisMonth(latest.customers_new, latest.month)}
        testId="total-customers"
      />
      <Tile
        name={tiles.reachable}
        value={formatCount(most)}
        note={tiles.ofAll(formatShare(most, customers))}
        testId="total-reachable"
      />
      <Tile name={tiles.orders} value={formatCount(orders)} testId="total-orders" />
      <Tile
        name={tiles.spend}
        value={formatMoney(spend.total, spend.currency ?? undefined, true)}
        note={orders > 0 ? tiles.perOrder(formatMoney(spend.total / orders, spend.currency ?? undefined)) : null}
        testId="total-spend"
      />
    </Tiles>
  );
}
