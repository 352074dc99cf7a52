"""The REST API: each module is a noun of Discord's, and registers its routes in ROUTES."""
