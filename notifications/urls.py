"""Addresses of the local inbox."""

from django.urls import path

from notifications import views

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/<str:mail_id>/", views.inbox, name="inbox_mail"),
    path("inbox/<str:mail_id>/html/", views.inbox_html, name="inbox_html"),
    path("inbox/<str:mail_id>/files/<int:number>/", views.inbox_attachment, name="inbox_file"),
]
