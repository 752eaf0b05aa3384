"""A product with one action for each thing that the protocol does."""
