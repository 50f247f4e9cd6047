"""What `bin/run` does around the processes: addresses, checks, migrations, demo data, greeting."""
