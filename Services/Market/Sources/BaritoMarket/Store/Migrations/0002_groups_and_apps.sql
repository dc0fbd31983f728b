-- The version of the profile feed. Whoever changes a profile holds this row until it commits, so versions become visible
-- in their order and a reader that has seen one has seen all before it. The clock keeps a database that was restored
-- from a backup from giving out versions that clients have seen already.
CREATE TABLE feed_version (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  version bigint NOT NULL
);
INSERT INTO feed_version (version) VALUES (ms(clock_timestamp()));

CREATE FUNCTION next_feed_version() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE taken bigint;
BEGIN
  UPDATE feed_version SET version = greatest(version + 1, ms(clock_timestamp())) RETURNING version INTO taken;
  PERFORM pg_notify('barito_profiles', '');
  RETURN taken;
END $$;

CREATE FUNCTION stamp_feed_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.feed_version := next_feed_version();
  RETURN NEW;
END $$;

-- The words of cluster names are made from its numbers, hence never used twice, not even after a deletion.
CREATE SEQUENCE cluster_names;

CREATE TABLE app_groups (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cluster_name text NOT NULL UNIQUE CHECK (cluster_name ~ '^[a-z]+$'),
  name text NOT NULL,
  template jsonb NOT NULL,
  -- How far its cluster is. A person's switch is beside it, so that switching back on finds what was true.
  stage text NOT NULL DEFAULT 'pending' CHECK (stage IN ('pending', 'verifying', 'active')),
  is_enabled boolean NOT NULL DEFAULT true,
  endpoints jsonb,
  maximum_apps integer NOT NULL CHECK (maximum_apps > 0),
  lines_per_second bigint CHECK (lines_per_second > 0),
  bytes_per_second bigint CHECK (bytes_per_second > 0),
  retention_days integer NOT NULL CHECK (retention_days > 0),
  feed_version bigint NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by bigint REFERENCES users,
  deleted_at timestamptz
);
CREATE UNIQUE INDEX app_groups_name ON app_groups (lower(name)) WHERE deleted_at IS NULL;
CREATE TRIGGER app_groups_feed BEFORE INSERT OR UPDATE ON app_groups
  FOR EACH ROW EXECUTE FUNCTION stamp_feed_version();

CREATE TABLE group_members (
  group_id bigint NOT NULL REFERENCES app_groups,
  user_id bigint NOT NULL REFERENCES users,
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
  added_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_user ON group_members (user_id);

CREATE TABLE apps (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  group_id bigint NOT NULL REFERENCES app_groups,
  name text NOT NULL,
  topic_name text NOT NULL CHECK (topic_name = lower(topic_name)),
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive')),
  lines_per_second bigint CHECK (lines_per_second > 0),
  bytes_per_second bigint CHECK (bytes_per_second > 0),
  overload text NOT NULL DEFAULT 'refuse' CHECK (overload IN ('refuse', 'refuse_503', 'absorb')),
  -- Null: as long as the group's.
  retention_days integer CHECK (retention_days > 0),
  is_probe boolean NOT NULL DEFAULT false,
  feed_version bigint NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
CREATE UNIQUE INDEX apps_topic_name ON apps (group_id, topic_name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX apps_probe ON apps (group_id) WHERE is_probe AND deleted_at IS NULL;
CREATE TRIGGER apps_feed BEFORE INSERT OR UPDATE ON apps FOR EACH ROW EXECUTE FUNCTION stamp_feed_version();

CREATE TABLE secrets (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  app_id bigint REFERENCES apps,
  group_id bigint REFERENCES app_groups,
  sha256 bytea NOT NULL UNIQUE CHECK (length(sha256) = 32),
  -- Two places for valid secrets, and an index that lets one secret sit in each.
  place smallint NOT NULL CHECK (place IN (1, 2)),
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  CHECK ((app_id IS NULL) <> (group_id IS NULL))
);
CREATE UNIQUE INDEX secrets_of_app ON secrets (app_id, place) WHERE revoked_at IS NULL;
CREATE UNIQUE INDEX secrets_of_group ON secrets (group_id, place) WHERE revoked_at IS NULL;

CREATE FUNCTION stamp_owner_of_secret() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- The owner's own trigger takes the version.
  UPDATE apps SET feed_version = 0 WHERE id = NEW.app_id;
  UPDATE app_groups SET feed_version = 0 WHERE id = NEW.group_id;
  RETURN NULL;
END $$;
CREATE TRIGGER secrets_feed AFTER INSERT OR UPDATE OF revoked_at ON secrets
  FOR EACH ROW EXECUTE FUNCTION stamp_owner_of_secret();
