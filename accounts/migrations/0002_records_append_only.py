"""The audit log refuses change and removal; only its personal column may be emptied."""

from django.db import migrations

_FORWARD = """
CREATE FUNCTION accounts_auditentry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.personal IS NULL
     AND to_jsonb(NEW) - 'personal' = to_jsonb(OLD) - 'personal' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER auditentry_append_only BEFORE UPDATE OR DELETE ON accounts_auditentry
  FOR EACH ROW EXECUTE FUNCTION accounts_auditentry_append_only();
"""
_BACKWARD = """
DROP TRIGGER auditentry_append_only ON accounts_auditentry;
DROP FUNCTION accounts_auditentry_append_only();
"""


class Migration(migrations.Migration):
    """Make the database itself hold the rule."""

    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunSQL(_FORWARD, _BACKWARD)]
