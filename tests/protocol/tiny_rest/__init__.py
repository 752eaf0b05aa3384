"""A product with one operation for each thing that the protocol does."""
