-- What is taken out of documents before anybody sees them: a list of rules. Null in an app: as its group says; null in a
-- group: nothing.
ALTER TABLE app_groups ADD COLUMN redaction jsonb CHECK (jsonb_typeof(redaction) = 'array');
ALTER TABLE apps ADD COLUMN redaction jsonb CHECK (jsonb_typeof(redaction) = 'array');
