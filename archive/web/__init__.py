"""Web addresses in their normal form, and requests that leave this machine."""
