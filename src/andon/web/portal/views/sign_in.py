"""Signing in and out: Django's own, with password managers and pasting left alone."""

from django.contrib.auth import logout, views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from andon.web.portal.pages import render


class SignIn(views.LoginView):
    """Asks who is there. Ten refusals lock a name at an address for a while (django-axes)."""

    redirect_authenticated_user = True

    def render_to_response(self, context: dict[str, object], **_: object) -> HttpResponse:
        """Show the form in the portal's own clothes."""
        return _form(self.request, {"form": context["form"], "next": self.get_redirect_url()})


def locked_out(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """Say that there were too many attempts. Named in settings as AXES_LOCKOUT_CALLABLE."""
    form = AuthenticationForm(request, data=request.POST)
    return _form(request, {"form": form, "locked": True}, status=429)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("portal:sign-in")


def _form(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    response = render(request, "sign_in.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
