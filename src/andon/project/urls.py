"""Which edge answers which path. The hooks never come here: see `asgi`."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from andon.web.portal.views import sign_in

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/login/", sign_in.admin_sign_in),
    path("admin/", admin.site.urls),
    path("api/v1/", include("andon.web.api.urls")),
    path("", include("andon.web.portal.urls")),
]

handler404 = "andon.web.portal.views.search.not_found"
