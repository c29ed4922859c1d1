"""Users, groups, permissions and sessions."""
