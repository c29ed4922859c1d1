"""One Yjs document and its bytes; no database, no sockets."""
