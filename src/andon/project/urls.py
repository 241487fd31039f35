"""Which edge answers which path. The hooks never come here: see `asgi`."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("andon.web.api.urls")),
    path("", include("andon.web.portal.urls")),
]
