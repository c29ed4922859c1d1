"""From a commit to the sockets that hear of it."""
