-- From format 1 to format 2: results beside a job's result.

ALTER TABLE jobs ADD COLUMN reroll_of INTEGER REFERENCES attempts (id);
ALTER TABLE jobs ADD COLUMN made_of INTEGER REFERENCES attempts (id);

-- Nothing was made twice in format 1, so a follow-up that was sent is of the one result of its source.
UPDATE jobs SET made_of = (SELECT s.attempt FROM jobs s WHERE s.id = jobs.source)
WHERE source IS NOT NULL AND attempt IS NOT NULL;

DROP INDEX jobs_name;
CREATE UNIQUE INDEX jobs_name ON jobs (key, fingerprint, coalesce(source, 0), coalesce(made_of, 0));
CREATE INDEX jobs_rerolled ON jobs (reroll_of) WHERE reroll_of IS NOT NULL;

CREATE TRIGGER jobs_insert_outdates AFTER INSERT ON jobs BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER jobs_update_outdates AFTER UPDATE ON jobs BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER jobs_delete_outdates AFTER DELETE ON jobs BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER attempts_insert_outdates AFTER INSERT ON attempts BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER attempts_update_outdates AFTER UPDATE ON attempts BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER attempts_delete_outdates AFTER DELETE ON attempts BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER images_insert_outdates AFTER INSERT ON images BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER images_update_outdates AFTER UPDATE ON images BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER images_delete_outdates AFTER DELETE ON images BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
