import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { customerExport, eraseCustomer } from "../api/customers";
import { isOutside, keys } from "../api/keys";
import type { Customer } from "../api/types";
import { useCan } from "../session/useSession";
import { customersText } from "../texts/customers";
import { ask } from "../ui/ask";
import { button } from "../ui/button";
import details from "../ui/details.module.css";
import { Icon } from "../ui/Icon";
import { notify } from "../ui/notify";
import { Problem } from "../ui/Problem";

const { erase: words } = customersText;

/** What the law gives people a right to: all that is held of them, and to be forgotten. */
export function CustomerActions({ one, orders }: { one: Customer; orders: number }) {
  const name = one.name ?? customersText.nameless(one.customer_id);
  const mayErase = useCan("DELETE /api/v1/customers/{key}");
  const mayExport = useCan("GET /api/v1/customers/{key}/export");
  const client = useQueryClient();
  const navigate = useNavigate();
  const erase = useMutation({
    mutationFn: () => eraseCustomer(one.key),
    onSuccess: async () => {
      notify({ text: words.done(name) });
      await navigate("/customers");
      client.removeQueries({ queryKey: keys.customers.one(one.key) });
      await client.invalidateQueries({ predicate: isOutside("session") });
    },
  });
  const askFirst = async () => {
    const text = (
      <>
        <Who one={one} />
        <p>{words.text(Math.max(one.order_count ?? 0, orders))}</p>
      </>
    );
    if (await ask({ title: words.title(name), text, action: words.yes(name), danger: true })) erase.mutate();
  };
  return (
    <>
      {mayExport && (
        <a className={button("neutral")} href={customerExport(one.key)} download>
          <Icon name="download" />
          {customersText.export}
        </a>
      )}
      {mayErase && (
        <button type="button" className={button("careful")} disabled={erase.isPending} onClick={() => void askFirst()}>
          <Icon name="trash" />
          {words.action}
        </button>
      )}
      {erase.error && <Problem error={erase.error} title={words.failed} />}
    </>
  );
}

/** The person whom `one.key` erases, from the same answer as the key. */
function Who({ one }: { one: Customer }) {
  const { facts } = customersText;
  const known = [
    [facts.name, one.name],
    [facts.id, one.customer_id],
    [facts.email, one.email],
  ] as const;
  return (
    <dl>
      {known.map(([name, value]) => (
        <div className={details.detail} key={name}>
          <dt>{name}</dt>
          <dd dir="auto">{value || "–"}</dd>
        </div>
      ))}
    </dl>
  );
}
