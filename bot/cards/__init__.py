"""Character cards, books of lore and pictures as files: read from strangers, written for other programs."""
