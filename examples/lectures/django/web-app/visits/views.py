from django.http import HttpResponse
from django.urls import path

from visits.models import Visit


def home(request):
    Visit.objects.create()
    return HttpResponse(f"visit number {Visit.objects.count()}\n")


urlpatterns = [path("", home)]
