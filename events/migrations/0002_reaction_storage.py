"""Storage settings of a table whose rows are claimed and deleted all day."""

from django.db import migrations

_SET = """
ALTER TABLE events_reaction SET (
  fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000,
  autovacuum_vacuum_cost_delay = 0)
"""
_RESET = """
ALTER TABLE events_reaction RESET (
  fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
  autovacuum_analyze_scale_factor, autovacuum_analyze_threshold, autovacuum_vacuum_cost_delay)
"""


class Migration(migrations.Migration):
    """Vacuum by row count, not by share, and leave room for updates in place."""

    dependencies = [("events", "0001_initial")]
    operations = [migrations.RunSQL(_SET, _RESET)]
