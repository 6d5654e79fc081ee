"""What editors work with: their desk, the review queue, alerts. Who may is decided in `gate`."""
