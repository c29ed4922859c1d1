"""What crosses a process boundary, defined once: records, events, access, document types, limits."""
