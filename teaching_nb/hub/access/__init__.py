"""Who may do what: the facts in the database, and what follows from them."""
