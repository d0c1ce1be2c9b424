/** Limits as `GET /limits` gives them, for tests. */

import type { Limits } from "../api/types";

export const LIMITS: Limits = {
  campaign_name: 200,
  segment_name: 200,
  api_key_name: 100,
  email: 254,
  customer_search: 200,
  message_subject: 2_000,
  message_body: 50_000,
  message_tags: 500,
  message_range: 1_000,
  rendered_message: 16_000,
  rate_slowest: 10,
  rate_fastest: 1_000_000,
  chunk_size: 500,
  rule_depth: 5,
  rules: 100,
  rule_text: 500,
  rule_list: 1_000,
  page: 200,
  previews: 20,
  ingest_batch: 1_000,
  import_file: 26_214_400,
  import_rows: 100_000,
  import_columns_sample: 262_144,
  audit_days: 400,
  sample_customers: 200,
};
