/** What to do next, by what there is: pure. */

export interface NextStep {
  title: string;
  text: string;
  action: string;
  path: string;
}

export function nextStep(customers: number, segments: number, campaigns: number): NextStep {
  if (customers === 0) {
    return {
      title: "Send your first customers",
      text: "Make an API key, and let your shop post customers and orders. They appear here at once.",
      action: "Show me how",
      path: "/settings",
    };
  }
  if (campaigns === 0 && segments === 0) {
    return {
      title: "Describe an audience",
      text: "Say in a few rules whom you want to write to, and watch the count while you do.",
      action: "New segment",
      path: "/segments/new",
    };
  }
  if (campaigns === 0) {
    return {
      title: "Write to an audience",
      text: "Choose a segment, write a message, and review it. Nothing goes out before you confirm it.",
      action: "New campaign",
      path: "/campaigns/new",
    };
  }
  return {
    title: "Plan the next campaign",
    text: "Start from a segment, or duplicate a campaign that went well.",
    action: "New campaign",
    path: "/campaigns/new",
  };
}
