-- Who asks for the profile feed: Routers share limits by their number.
CREATE TABLE service_instances (
  service text NOT NULL,
  instance text NOT NULL,
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (service, instance)
);
CREATE INDEX service_instances_seen_at ON service_instances (seen_at);
