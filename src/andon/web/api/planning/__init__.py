"""The insurance model over the API: portfolio, services, what-if, review, optimise, simulate."""

from andon.web.api.planning.routes import router

__all__ = ["router"]
