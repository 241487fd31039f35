"""Settings, URLs and the ASGI application that ties the edges together."""
