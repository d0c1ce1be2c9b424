/** Customers with their orders and messages. */

import type { AttributeValue, Channel, RowStatus } from "./shared";

/** A customer in a list or a sample: what is known, by field. */
export interface CustomerBrief {
  customer_id: string;
  name?: string | null;
  email?: string | null;
  city?: string | null;
  total_spend?: number | null;
  order_count?: number | null;
  last_order_at?: string | null;
}

/** The channels on which nothing is sent to a customer, and why. */
export interface Suppressions {
  suppressions: Partial<Record<Channel, string>>;
}

export interface Customer extends CustomerBrief {
  phone?: string | null;
  country?: string | null;
  birthday?: string | null;
  created_at?: string | null;
  visits?: number | null;
  last_active_at?: string | null;
  tags?: string[];
  consent?: boolean;
  consents?: Partial<Record<Channel, boolean>>;
  attributes?: Record<string, AttributeValue>;
  suppressions?: Suppressions["suppressions"];
  first_order_at?: string | null;
}

export interface Order {
  order_id: string;
  amount: number;
  currency: string;
  status: string;
  category: string | null;
  placed_at: string;
}

export interface CustomerMessage {
  message_id: string;
  campaign_id: string;
  campaign_name?: string | null;
  status: RowStatus;
  reason: string | null;
  channel: Channel;
  sent_at: string | null;
  updated_at: string;
}

export interface CustomerDetail {
  customer: Customer;
  orders: Order[];
  messages: CustomerMessage[];
}
