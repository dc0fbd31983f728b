-- One row a request to the Provisioner: what was asked for, and how far it is.
CREATE TABLE infrastructures (
  request_id text PRIMARY KEY,
  group_id bigint NOT NULL REFERENCES app_groups,
  kind text NOT NULL CHECK (kind IN ('create', 'delete')),
  status text NOT NULL DEFAULT 'PENDING',
  message text NOT NULL DEFAULT '',
  -- The component that the status is about; null: the whole group.
  component text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX infrastructures_group ON infrastructures (group_id, created_at);

CREATE TABLE components (
  group_id bigint NOT NULL REFERENCES app_groups,
  hostname text NOT NULL,
  type text NOT NULL,
  status text NOT NULL,
  ip_address text,
  message text NOT NULL DEFAULT '',
  reported_at timestamptz NOT NULL,
  PRIMARY KEY (group_id, hostname)
);

-- The first event of each step; repetitions are the Provisioner doing its work again.
CREATE TABLE provisioning_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  request_id text NOT NULL REFERENCES infrastructures,
  status text NOT NULL,
  component text NOT NULL DEFAULT '',
  message text NOT NULL DEFAULT '',
  at timestamptz NOT NULL,
  UNIQUE (request_id, status, component)
);

CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL,
  key text NOT NULL,
  value text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz
);
CREATE INDEX outbox_waiting ON outbox (key, id) WHERE sent_at IS NULL;

CREATE FUNCTION announce_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('barito_outbox', '');
  RETURN NULL;
END $$;
CREATE TRIGGER outbox_announcement AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION announce_outbox();
