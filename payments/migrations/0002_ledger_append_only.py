"""The ledger refuses change and removal: corrections are entries of their own."""

from django.db import migrations

_FORWARD = """
CREATE FUNCTION payments_ledgerentry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ledgerentry_append_only BEFORE UPDATE OR DELETE ON payments_ledgerentry
  FOR EACH ROW EXECUTE FUNCTION payments_ledgerentry_append_only();
"""
_BACKWARD = """
DROP TRIGGER ledgerentry_append_only ON payments_ledgerentry;
DROP FUNCTION payments_ledgerentry_append_only();
"""


class Migration(migrations.Migration):
    """Make the database itself hold the rule."""

    dependencies = [("payments", "0001_initial")]
    operations = [migrations.RunSQL(_FORWARD, _BACKWARD)]
