import { Link } from "react-router";

import { Page } from "../ui/Page";

export function NotFound() {
  return (
    <Page title="There is no such page">
      <p>
        The address may be old or mistyped. <Link to="/">Go to the start</Link>.
      </p>
    </Page>
  );
}
