"""Time limits on the database role, so that they hold behind a transaction pooler too."""

from django.db import migrations

_SET = """
DO $$ BEGIN
  EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I SET lock_timeout = ''3s''', current_database());
  EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I SET statement_timeout = ''15s''', current_database());
  EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I SET idle_in_transaction_session_timeout = ''60s''', current_database());
END $$
"""
_RESET = """
DO $$ BEGIN
  EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I RESET lock_timeout', current_database());
  EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I RESET statement_timeout', current_database());
  EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I RESET idle_in_transaction_session_timeout', current_database());
END $$
"""


class Migration(migrations.Migration):
    """Lock waits end after 3 s, statements after 15 s, forgotten transactions after 60 s."""

    initial = True
    dependencies = []
    operations = [migrations.RunSQL(_SET, _RESET)]
