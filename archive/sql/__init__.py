"""SQL by hand: rows that know whether they change, files that only their owner reads, migrations, what a sound database is."""
