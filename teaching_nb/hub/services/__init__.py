"""What the hub can do, one file per noun: plain functions of a transaction and an actor, without I/O of their own."""
