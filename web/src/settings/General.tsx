import { Link } from "react-router";

import { useCan, useConfig, useSession } from "../session/useSession";
import { useSignOut } from "../session/useSignOut";
import { appText } from "../texts/app";
import { zoneName } from "../texts/format";
import { settingsText } from "../texts/settings";
import { askToSignOut } from "../ui/askToSignOut";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import details from "../ui/details.module.css";
import forms from "../ui/forms.module.css";
import layout from "../ui/layout.module.css";
import { Card } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { chooseTheme, THEMES, useTheme } from "../ui/theme";
import typography from "../ui/typography.module.css";
import { SettingsPage } from "./SettingsPage";

const { general } = settingsText;

export default function General() {
  const session = useSession().data;
  const currency = useConfig().data?.currency;
  const isManager = useCan("GET /api/v1/members");
  return (
    <SettingsPage tab={settingsText.title}>
      <div className={layout.halves}>
        <Card title={general.you}>
          <Facts
            facts={[
              [general.email, session?.email],
              [general.role, session && appText.roles[session.role]],
            ]}
          />
          <SignOutEverywhere />
          {!isManager && <p className={classes(layout.above4, typography.quiet)}>{general.admins}</p>}
        </Card>
        <Card title={general.project} lead={general.projectText}>
          <Facts
            facts={[
              [general.timeZone, zoneName()],
              [general.currency, currency ?? general.noCurrency],
            ]}
          />
        </Card>
        <Card title={general.appearance} lead={general.appearanceText}>
          <ThemeChoice />
        </Card>
        <Card title={general.help}>
          <p>
            <Link to="/help">{general.helpText}</Link>
          </p>
        </Card>
      </div>
    </SettingsPage>
  );
}

function SignOutEverywhere() {
  const { leave, isPending, error } = useSignOut({ everywhere: true, agree: askToSignOut });
  return (
    <>
      <p className={typography.note}>{general.everywhereText}</p>
      <button type="button" className={button("plain", "small")} disabled={isPending} onClick={leave}>
        {general.everywhere}
      </button>
      {error && <Problem error={error} title={appText.signOutFailed} />}
    </>
  );
}

function Facts({ facts }: { facts: readonly (readonly [string, string | null | undefined])[] }) {
  return (
    <dl>
      {facts.map(([name, value]) => (
        <div className={details.detail} key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function ThemeChoice() {
  const chosen = useTheme();
  return (
    <fieldset>
      <legend className={typography.hidden}>{appText.theme.name}</legend>
      {THEMES.map((theme) => (
        <div className={forms.check} key={theme}>
          <input
            type="radio"
            name="theme"
            id={`theme-${theme}`}
            checked={chosen === theme}
            onChange={() => chooseTheme(theme)}
          />
          <label htmlFor={`theme-${theme}`}>{appText.theme[theme]}</label>
        </div>
      ))}
    </fieldset>
  );
}
