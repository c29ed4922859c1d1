"""From a credential to the person behind it."""
