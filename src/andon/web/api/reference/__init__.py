"""The page on which people read what the API offers: made of its OpenAPI document, by ourselves."""
