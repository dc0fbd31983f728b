-- How far each topic has been applied, moved in the transaction that applies: so nothing counts twice. newest_ms is the
-- newest time of a record applied: a lower offset with a later time can only come from a topic that was made again.
CREATE TABLE applied_offsets (
  topic text NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL,
  newest_ms bigint NOT NULL,
  PRIMARY KEY (topic, partition)
);

CREATE TABLE usage_buckets (
  app_id bigint NOT NULL,
  -- Beginning of ten seconds.
  at timestamptz NOT NULL,
  accepted bigint NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  refused bigint NOT NULL DEFAULT 0,
  indexed bigint NOT NULL DEFAULT 0,
  duplicates bigint NOT NULL DEFAULT 0,
  quarantined bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (app_id, at)
);
CREATE INDEX usage_buckets_at ON usage_buckets (at);

CREATE TABLE usage_refusals (
  app_id bigint NOT NULL,
  at timestamptz NOT NULL,
  code text NOT NULL,
  lines bigint NOT NULL,
  PRIMARY KEY (app_id, at, code)
);
CREATE INDEX usage_refusals_at ON usage_refusals (at);

CREATE TABLE usage_totals (
  app_id bigint PRIMARY KEY,
  accepted bigint NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  refused bigint NOT NULL DEFAULT 0,
  indexed bigint NOT NULL DEFAULT 0,
  duplicates bigint NOT NULL DEFAULT 0,
  quarantined bigint NOT NULL DEFAULT 0,
  last_line_at timestamptz
);
