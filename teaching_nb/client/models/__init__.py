"""Observable documents: what notebooks and widgets hold in their hands."""
