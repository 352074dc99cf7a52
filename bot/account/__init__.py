"""/me: what is stored of a person, to take along, to choose, and to delete."""
