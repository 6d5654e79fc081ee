"""From captures to rows: derive, ingest, read again, rebuild, shard, verify."""
