"""Stations that care for the old (养老服务站): a plug-in of Dangqun Archive."""
