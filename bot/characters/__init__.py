"""Characters: the catalogue of shared records, and the card files they come from."""
