"""The way to the hub: the connection, REST, and the thread that both live on."""
