from django.db import migrations

# The index for LIKE that Django gave each unique varchar; ids are only ever looked up whole.
DROP = """
DO $$
DECLARE found record;
BEGIN
  FOR found IN
    SELECT c.relname FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    WHERE c.relnamespace = current_schema()::regnamespace AND NOT i.indisunique
      AND i.indnatts = 1 AND a.attname = 'public_id' AND c.relname LIKE '%\\_like'
  LOOP
    EXECUTE format('DROP INDEX %I', found.relname);
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("common", "0002_idempotency_records")]

    operations = [migrations.RunSQL(DROP, migrations.RunSQL.noop)]
